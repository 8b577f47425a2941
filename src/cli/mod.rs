//! The command line: what the user typed, turned into ready objects, run, and told about.
//!
//! One file a command: its arguments, its help with an example, and its run.

mod diff;
mod entities;
mod eval;
mod exit;
mod export;
mod extract;
mod few;
mod interrupt;
mod messages;
mod model;
mod named;
mod place;
mod progress;
mod report;
mod review;
mod shared;
mod train;

use anyhow::Result;
use clap::{Parser, Subcommand};

pub use exit::{Exit, told};

/// A folder of news articles in, a spreadsheet of who did what to whom out.
#[derive(Debug, Parser)]
#[command(
    name = "dossier",
    version,
    max_term_width = 100,
    after_help = "Example:\n  dossier extract data/samples -o out/demo\n  dossier report out/demo",
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    messages: messages::MessageArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read articles, and write who did what to whom as spreadsheets
    Extract(extract::ExtractArgs),
    /// Learn from labelled samples, and write a model
    Train(train::TrainArgs),
    /// Score a model on labelled samples
    Eval(eval::EvalArgs),
    /// Edit the file of names that you know
    Entities(entities::EntitiesArgs),
    /// Look at a model folder
    Model(model::ModelArgs),
    /// Write a run for other programs: spreadsheets, data frames, graph tools, databases
    Export(export::ExportArgs),
    /// Write a run as one HTML page to look at
    Report(report::ReportArgs),
    /// Pick the triples most worth a person's eye, and write them as a table to be judged
    Review(review::ReviewArgs),
    /// Compare two runs: triples gained, lost and changed
    Diff(diff::DiffArgs),
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// The command could not go on; see [`Exit`] for what the program then returns.
    pub fn run(self) -> Result<Exit> {
        self.messages.begin();
        match self.command {
            Command::Extract(args) => extract::run(&args, self.messages),
            Command::Train(args) => train::run(&args),
            Command::Eval(args) => eval::run(&args),
            Command::Entities(args) => entities::run(&args),
            Command::Model(args) => model::run(&args),
            Command::Export(args) => export::run(&args),
            Command::Report(args) => report::run(&args),
            Command::Review(args) => review::run(&args),
            Command::Diff(args) => diff::run(&args),
        }
    }
}
