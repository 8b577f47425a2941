//! The program from outside: what a user types, and what comes back.
//!
//! A file for each thing that can be relied on. All of them run the real program with the model of
//! the repository, and none of them depends on what that model has learnt: they check what holds for
//! any model. How well a model reads is measured by `dossier eval`.

mod bad_inputs;
mod damage;
mod disk;
mod eval;
mod filters;
mod help;
mod log;
mod mistakes;
mod offsets;
mod outputs;
mod reading;
mod readme;
mod resume;
mod same_bytes;
mod samples;
mod support;
mod table;
mod usage;
mod verdicts;
