use std::process::ExitCode;

/// What the program tells its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All well.
    Ok,
    /// The run could not go on.
    Failed,
    /// Wrong usage.
    Usage,
    /// Finished, and some inputs failed.
    SomeFailed,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Ok => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::SomeFailed => 3,
        })
    }
}

impl Exit {
    /// The exit code for an error, or `None` when there is nothing to complain about: whoever read
    /// our output has gone (a broken pipe).
    pub fn of_error(error: &anyhow::Error) -> Option<Self> {
        for cause in error.chain() {
            let io = cause.downcast_ref::<std::io::Error>().map(|e| e.kind());
            let json = cause.downcast_ref::<serde_json::Error>();
            let kind = io.or_else(|| json.and_then(|e| e.io_error_kind()));
            if kind == Some(std::io::ErrorKind::BrokenPipe) {
                return None;
            }
        }
        match error.downcast_ref::<crate::Error>() {
            Some(crate::Error::Usage(_)) => Some(Self::Usage),
            _ => Some(Self::Failed),
        }
    }
}
