//! The `dossier` program: a thin edge around the library.

use std::process::ExitCode;

use clap::Parser;
use dossier::cli::{Cli, Exit};

fn main() -> ExitCode {
    dossier::model::tune_process();
    match Cli::parse().run() {
        Ok(exit) => exit.into(),
        Err(error) => match Exit::of_error(&error) {
            None => Exit::Ok.into(),
            Some(exit) => {
                eprintln!("dossier: {error:#}");
                exit.into()
            }
        },
    }
}
