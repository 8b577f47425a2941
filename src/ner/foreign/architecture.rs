use rust_bert::albert::{AlbertConfig, AlbertForTokenClassification};
use rust_bert::bert::{BertConfig, BertForTokenClassification};
use rust_bert::deberta::{DebertaConfig, DebertaForTokenClassification};
use rust_bert::deberta_v2::{DebertaV2Config, DebertaV2ForTokenClassification};
use rust_bert::distilbert::{DistilBertConfig, DistilBertForTokenClassification};
use rust_bert::electra::{ElectraConfig, ElectraForTokenClassification};
use rust_bert::roberta::RobertaForTokenClassification;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tch::{Tensor, nn};

/// rust-bert's networks that classify tokens.
pub(super) enum Architecture {
    Albert(Box<AlbertForTokenClassification>),
    Bert(Box<BertForTokenClassification>),
    Deberta(Box<DebertaForTokenClassification>),
    DebertaV2(Box<DebertaV2ForTokenClassification>),
    DistilBert(Box<DistilBertForTokenClassification>),
    Electra(Box<ElectraForTokenClassification>),
    Roberta(Box<RobertaForTokenClassification>),
}

impl std::fmt::Debug for Architecture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Albert(_) => "Albert",
            Self::Bert(_) => "Bert",
            Self::Deberta(_) => "Deberta",
            Self::DebertaV2(_) => "DebertaV2",
            Self::DistilBert(_) => "DistilBert",
            Self::Electra(_) => "Electra",
            Self::Roberta(_) => "Roberta",
        })
    }
}

/// The names by which `config.json` may call them.
const KNOWN: &str =
    "albert, bert, camembert, deberta, deberta-v2, distilbert, electra, roberta, xlm-roberta";

/// Keys that some configurations leave to the default.
fn defaults() -> [(&'static str, Value); 14] {
    [
        ("type_vocab_size", json!(2)),
        ("initializer_range", json!(0.02)),
        ("attention_dropout", json!(0.1)),
        ("dropout", json!(0.1)),
        ("qa_dropout", json!(0.1)),
        ("seq_classif_dropout", json!(0.2)),
        ("sinusoidal_pos_embds", json!(false)),
        ("tie_weights_", json!(true)),
        ("inner_group_num", json!(1)),
        ("num_hidden_groups", json!(1)),
        ("bos_token_id", json!(2)),
        ("eos_token_id", json!(3)),
        ("pad_token_id", json!(0)),
        ("hidden_act", json!("gelu")),
    ]
}

fn parse<C: DeserializeOwned>(config: &Value) -> Result<C, String> {
    let mut config = config.clone();
    if let Some(keys) = config.as_object_mut() {
        for (key, value) in defaults() {
            keys.entry(key).or_insert(value);
        }
    }
    // By way of text: a map with numbers as keys is read from there alone.
    serde_json::from_str(&config.to_string()).map_err(|e| format!("config.json: {e}"))
}

impl Architecture {
    /// The network that a `config.json` describes, its variables under `root`.
    pub fn new(root: &nn::Path, config: &Value) -> Result<Self, String> {
        let failed = |e: rust_bert::RustBertError| format!("config.json: {e}");
        let kind = config["model_type"].as_str().unwrap_or("");
        Ok(match kind {
            "albert" => {
                let made = AlbertForTokenClassification::new(root, &parse::<AlbertConfig>(config)?);
                Self::Albert(Box::new(made.map_err(failed)?))
            }
            "bert" => {
                let made = BertForTokenClassification::new(root, &parse::<BertConfig>(config)?);
                Self::Bert(Box::new(made.map_err(failed)?))
            }
            "deberta" => {
                let config = parse::<DebertaConfig>(config)?;
                let made = DebertaForTokenClassification::new(root, &config);
                Self::Deberta(Box::new(made.map_err(failed)?))
            }
            "deberta-v2" => {
                let config = parse::<DebertaV2Config>(config)?;
                let made = DebertaV2ForTokenClassification::new(root, &config);
                Self::DebertaV2(Box::new(made.map_err(failed)?))
            }
            "distilbert" => {
                let config = parse::<DistilBertConfig>(config)?;
                let made = DistilBertForTokenClassification::new(root, &config);
                Self::DistilBert(Box::new(made.map_err(failed)?))
            }
            "electra" => {
                let config = parse::<ElectraConfig>(config)?;
                let made = ElectraForTokenClassification::new(root, &config);
                Self::Electra(Box::new(made.map_err(failed)?))
            }
            "roberta" | "xlm-roberta" | "camembert" => {
                let config = parse::<BertConfig>(config)?;
                let made = RobertaForTokenClassification::new(root, &config);
                Self::Roberta(Box::new(made.map_err(failed)?))
            }
            "" => return Err("config.json has no model_type".into()),
            other => {
                return Err(format!(
                    "a model of type {other:?} cannot be run here; those that can are {KNOWN}"
                ));
            }
        })
    }

    /// Logits `[rows, len, labels]` of ids and mask `[rows, len]`.
    pub fn logits(&self, ids: &Tensor, mask: &Tensor) -> Result<Tensor, String> {
        let (ids, mask) = (Some(ids), Some(mask));
        let failed = |e: rust_bert::RustBertError| e.to_string();
        Ok(match self {
            Self::Albert(m) => m.forward_t(ids, mask, None, None, None, false).logits,
            Self::Bert(m) => m.forward_t(ids, mask, None, None, None, false).logits,
            Self::Deberta(m) => {
                let made = m.forward_t(ids, mask, None, None, None, false);
                made.map_err(failed)?.logits
            }
            Self::DebertaV2(m) => {
                let made = m.forward_t(ids, mask, None, None, None, false);
                made.map_err(failed)?.logits
            }
            Self::DistilBert(m) => {
                let made = m.forward_t(ids, mask, None, false);
                made.map_err(failed)?.logits
            }
            Self::Electra(m) => m.forward_t(ids, mask, None, None, None, false).logits,
            Self::Roberta(m) => m.forward_t(ids, mask, None, None, None, false).logits,
        })
    }
}
