//! A folder of news articles in, a spreadsheet of who did what to whom out.
#![deny(unsafe_code)]

pub mod annotation;
pub mod cli;
pub mod config;
pub mod corpus;
pub mod entities;
pub mod error;
pub mod eval;
pub mod export;
pub mod files;
pub mod model;
pub mod ner;
pub mod network;
pub mod pipeline;
pub mod relations;
pub mod report;
pub mod samples;
pub mod share;
pub mod text;
pub mod train;

pub use error::{Error, Result};
