use std::fmt;
use std::io;

use clap::{Args, ValueEnum};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// How the program talks on standard error. All of it goes through `tracing`, which does not mind if
/// nobody listens any more, as `eprintln!` would.
#[derive(Debug, Clone, Copy, Args)]
pub struct MessageArgs {
    /// Say nothing but errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Form of the messages on standard error
    #[arg(
        long,
        global = true,
        value_name = "FORM",
        value_enum,
        default_value = "plain",
        hide_short_help = true
    )]
    pub log: LogForm,
}

/// Form of the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogForm {
    /// Lines for people
    Plain,
    /// A JSON object a line, for programs
    Json,
}

impl MessageArgs {
    /// Whether messages are JSON lines.
    pub fn is_json(self) -> bool {
        self.log == LogForm::Json
    }

    /// From now on, messages come out as asked for.
    pub(super) fn begin(self) {
        let level = if self.quiet {
            Level::ERROR
        } else {
            Level::INFO
        };
        let messages = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_writer(io::stderr)
            .log_internal_errors(false);
        // It fails only where the caller has its own subscriber, which then gets the messages.
        let _ = match self.log {
            LogForm::Plain => {
                tracing::subscriber::set_global_default(messages.event_format(Plain).finish())
            }
            LogForm::Json => {
                tracing::subscriber::set_global_default(messages.json().with_target(false).finish())
            }
        };
    }
}

/// The message alone; its fields are for programs.
struct Plain;

impl<S, N> FormatEvent<S, N> for Plain
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        if *event.metadata().level() == Level::ERROR {
            write!(writer, "dossier: ")?;
        }
        let mut message = Message(String::new());
        event.record(&mut message);
        writeln!(writer, "{}", message.0)
    }
}

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
