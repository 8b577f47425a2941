//! rust-bert's `BertForTokenClassification` in a plain loop, as a user of that library would write
//! it: sentences in their order, 32 a batch, padded to the longest, no tuning. `scripts/bench`
//! times it. The weights are random, which costs the same time.
//!
//!     cargo run --release --example rust_bert_loop -- models/news-en-fast sentences.jsonl

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result};
use rust_bert::Config;
use rust_bert::bert::{BertConfig, BertForTokenClassification};
use tch::{Device, Kind, Tensor, nn};
use tokenizers::{PaddingParams, Tokenizer, TruncationParams};

const BATCH: usize = 32;
const LONGEST: usize = 256;
const TAGS: i64 = 9;

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let model = arguments.next().context("which model folder?")?;
    let sentences = arguments.next().context("which file of sentences?")?;
    let sentences: Vec<String> = BufReader::new(std::fs::File::open(sentences)?)
        .lines()
        .map(|line| Ok(serde_json::from_str(&line?)?))
        .collect::<Result<_>>()?;

    let text = std::fs::read_to_string(model.join("config.json"))?;
    let whole: serde_json::Value = serde_json::from_str(&text)?;
    let encoder = tempfile::NamedTempFile::new()?;
    serde_json::to_writer(&encoder, &whole["encoder"])?;
    let mut config = BertConfig::from_file(encoder.path());
    config.id2label = Some(
        (0..TAGS)
            .map(|n| (n, format!("T{n}")))
            .collect::<HashMap<_, _>>(),
    );
    let weights = nn::VarStore::new(Device::Cpu);
    let network = BertForTokenClassification::new(weights.root(), &config)?;

    let mut tokenizer =
        Tokenizer::from_file(model.join("tokenizer.json")).map_err(anyhow::Error::msg)?;
    tokenizer.with_padding(Some(PaddingParams::default()));
    let truncation = TruncationParams {
        max_length: LONGEST,
        ..TruncationParams::default()
    };
    tokenizer
        .with_truncation(Some(truncation))
        .map_err(anyhow::Error::msg)?;

    let begun = Instant::now();
    let (mut tokens, mut tagged) = (0, 0);
    for batch in sentences.chunks(BATCH) {
        let encoded = tokenizer
            .encode_batch(batch.to_vec(), true)
            .map_err(anyhow::Error::msg)?;
        let rows = |part: fn(&tokenizers::Encoding) -> &[u32]| {
            let rows: Vec<Tensor> = encoded
                .iter()
                .map(|e| {
                    Tensor::from_slice(&part(e).iter().map(|&n| i64::from(n)).collect::<Vec<_>>())
                })
                .collect();
            Tensor::stack(&rows, 0)
        };
        let (ids, mask) = (rows(|e| e.get_ids()), rows(|e| e.get_attention_mask()));
        let output =
            tch::no_grad(|| network.forward_t(Some(&ids), Some(&mask), None, None, None, false));
        let tags = output.logits.argmax(-1, false);
        tokens += mask.sum(Kind::Int64).int64_value(&[]);
        tagged += tags.ne(0).sum(Kind::Int64).int64_value(&[]);
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{}",
        serde_json::json!({"seconds": seconds, "sentences": sentences.len(), "tokens": tokens, "tagged": tagged})
    );
    Ok(())
}
