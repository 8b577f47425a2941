//! The `dossier` program: a thin edge around the library.
#![forbid(unsafe_code)]

use clap::Parser;
use dossier::cli::{Cli, Exit};

fn main() {
    dossier::model::tune_process();
    quiet_parsers();
    let exit = match Cli::parse().run() {
        Ok(exit) => exit,
        Err(error) => Exit::of_error(&error).map_or(Exit::Ok, |exit| {
            tracing::error!("{}", dossier::cli::told(&error));
            exit
        }),
    };
    dossier::model::leave(exit.code())
}

/// Parsers of third parties that give up on a damaged file do so by a panic, on a thread of their
/// own, and so does the tensor library on a worker's. The failure has its row in `documents.csv`; a
/// backtrace would only frighten.
fn quiet_parsers() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let thread = std::thread::current();
        let name = thread.name().unwrap_or_default();
        let quiet = [dossier::corpus::PARSER_THREAD, dossier::model::TRIAL_THREAD];
        if !quiet.contains(&name) && !name.starts_with(dossier::network::WORKER_THREAD) {
            usual(info);
        }
    }));
}
