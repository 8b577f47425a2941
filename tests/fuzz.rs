//! Random inputs for whatever reads what others wrote: none may panic, and what comes out must hold
//! together. Each target runs for a second with the tests; for longer:
//!
//!     DOSSIER_FUZZ_SECONDS=600 cargo test --release --test fuzz
//!
//! The inputs are whole files with random damage: bytes changed, cut out, repeated and put in.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use bolero::check;
use dossier::annotation::Sample;
use dossier::corpus::{Inputs, Item, ReadOptions, clean, read};
use dossier::entities::{Alias, Aliases};
use dossier::ner::{TagScores, decode};
use dossier::samples;
use dossier::text::{Span, split_sentences};

const ARTICLE: &str = "TALKS FAIL\n\nROME, May 3 (Agency) - Dr. Ana Lee met \u{201c}Bo\u{201d} Cho of the U.N. at 5 p.m. \
    on Monday... \"No,\" he said. \u{0645}\u{0631} She left!Then it rained.\nShare this: Facebook | Twitter\nLeave a Reply\n";

/// How a whole file is damaged: at a place (a share of its length), bytes are cut out and others put in.
type Damage = Vec<(u16, u8, Vec<u8>)>;

fn damaged(whole: &[u8], damage: &Damage) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for (place, cut, put) in damage.iter().take(8) {
        let at = usize::from(*place) * bytes.len() / (usize::from(u16::MAX) + 1);
        let to = (at + usize::from(*cut)).min(bytes.len());
        bytes.splice(at..to, put.iter().copied());
    }
    bytes
}

fn time() -> Duration {
    let seconds = std::env::var("DOSSIER_FUZZ_SECONDS").ok();
    Duration::from_secs(seconds.map_or(1, |s| s.parse().expect("a number of seconds")))
}

/// Runs `test` on damaged copies of `whole`. A panic shows the bytes that caused it.
fn on_damaged(whole: &[u8], test: impl Fn(&[u8]) + std::panic::RefUnwindSafe) {
    check!()
        .with_test_time(time())
        .with_type::<Damage>()
        .for_each(|damage| {
            let bytes = damaged(whole, damage);
            let outcome = catch_unwind(AssertUnwindSafe(|| test(&bytes)));
            assert!(outcome.is_ok(), "input: {}", bytes.escape_ascii());
        });
}

fn read_as(ending: &str, bytes: &[u8]) -> Vec<Item> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("input.{ending}"));
    std::fs::write(&path, bytes).unwrap();
    let options = ReadOptions {
        max_bytes: 1 << 20,
        ..ReadOptions::default()
    };
    let sources = Inputs::below(&[path], None).sources;
    let items = sources.into_iter().map(|source| match source {
        Ok(source) => read(&source, &options).collect(),
        Err(failure) => vec![Item::Failed(failure)],
    });
    items.flat_map(|items: Vec<Item>| items).collect()
}

/// Every input gives at least one item, and a failure says why.
fn reader(ending: &'static str, whole: &[u8]) {
    on_damaged(whole, move |bytes| {
        let items = read_as(ending, bytes);
        assert!(!items.is_empty());
        for item in items {
            match item {
                Item::Failed(failure) => assert!(!failure.message.is_empty()),
                Item::Document(document) => sentences_hold(&document.text),
            }
        }
    });
}

#[test]
fn sentence_splitter() {
    on_damaged(ARTICLE.as_bytes(), |bytes| {
        sentences_hold(&String::from_utf8_lossy(bytes));
    });
}

/// Sentences are in order, disjoint, on characters, and hold all that is no white space.
fn sentences_hold(text: &str) {
    let mut at = 0;
    for sentence in split_sentences(text) {
        assert!(sentence.start >= at && sentence.end > sentence.start);
        assert!(text[at..sentence.start].trim().is_empty());
        assert!(!sentence.of(text).trim().is_empty());
        at = sentence.end;
    }
    assert!(text[at..].trim().is_empty());
}

#[test]
fn plain_text() {
    reader("txt", ARTICLE.as_bytes());
}

#[test]
fn markdown() {
    let article = format!(
        "---\ntitle: \"Talks\"\ndate: 2024-05-03\n---\n# Talks\n\n{ARTICLE}\n* [a](b)\n| a | b |\n|---|---|\n"
    );
    reader("md", article.as_bytes());
}

#[test]
fn web_pages() {
    let page = format!(
        "<!doctype html><html><head><title>Talks</title><meta property='article:published_time' content='2024-05-03'>\
         </head><body><nav><ul><li>Home</ul></nav><article><h1>Talks</h1><p>{ARTICLE}</p><p>&amp;&#x41;</p></article>\
         <script>if(a<b){{}}</script></body></html>"
    );
    reader("html", page.as_bytes());
}

fn json() -> serde_json::Value {
    serde_json::json!({"id": 7, "title": "Talks", "date": "2024-05-03", "content": {"body": ARTICLE}, "text": ARTICLE})
}

#[test]
fn json_documents() {
    reader(
        "json",
        serde_json::json!([json(), json()]).to_string().as_bytes(),
    );
}

#[test]
fn json_lines() {
    reader("jsonl", format!("{}\n{}\n", json(), json()).as_bytes());
}

#[test]
fn tables() {
    let quoted = ARTICLE.replace('"', "\"\"");
    reader(
        "csv",
        format!("id;title;text\n1;Talks;\"{quoted}\"\n2;x;y\n").as_bytes(),
    );
}

/// Tables with tabs are told apart by their name alone.
#[test]
fn tables_with_tabs() {
    let flat = ARTICLE.replace('\n', " ");
    reader(
        "tsv",
        format!("id\ttitle\ttext\n1\tTalks\t{flat}\n2\tx\ty\n").as_bytes(),
    );
}

#[test]
fn pdf_documents() {
    reader("pdf", include_bytes!("fixtures/article.pdf"));
}

#[test]
fn zstd_files() {
    reader("txt.zst", &zstd::encode_all(ARTICLE.as_bytes(), 1).unwrap());
}

#[test]
fn gzip_files() {
    let lines = format!("{}\n", json()).repeat(3);
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(lines.as_bytes()).unwrap();
    reader("jsonl.gz", &gz.finish().unwrap());
}

#[test]
fn names_that_tell_nothing() {
    reader("dat", ARTICLE.as_bytes());
}

#[test]
fn page_debris() {
    on_damaged(ARTICLE.as_bytes(), |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let cleaned = clean(&text);
        sentences_hold(&cleaned.text);
    });
}

fn samples_hold(samples: &[Sample]) {
    for sample in samples {
        let holds = |span: &Span| {
            sample
                .text
                .get(span.start..span.end)
                .is_some_and(|t| !t.is_empty())
        };
        assert!(sample.mentions.iter().all(|m| holds(&m.span)));
        for relation in &sample.relations {
            assert!(
                relation.subject < sample.mentions.len() && relation.object < sample.mentions.len()
            );
            assert!(relation.trigger.as_ref().is_none_or(holds));
        }
    }
}

fn importer(ending: &'static str, whole: &str) {
    on_damaged(whole.as_bytes(), move |bytes| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("samples.{ending}"));
        std::fs::write(&path, bytes).unwrap();
        for format in [None].into_iter().chain(samples::Format::ALL.map(Some)) {
            if let Ok(read) = samples::read(Path::new(&path), format) {
                samples_hold(&read.samples);
            }
        }
    });
}

#[test]
fn native_samples() {
    importer(
        "jsonl",
        "{\"id\":\"1\",\"text\":\"Ána met Bo.\",\"entities\":[{\"id\":\"a\",\"start\":0,\"end\":3,\"type\":\"PER\"},\
         {\"id\":\"b\",\"start\":8,\"end\":10,\"type\":\"PER\"}],\"relations\":[{\"subject\":\"a\",\"relation\":\"meets\",\
         \"object\":\"b\",\"trigger\":[4,7],\"status\":\"asserted\"}]}\n",
    );
}

#[test]
fn conll_samples() {
    importer(
        "conll",
        "-DOCSTART- -X- O O\n\nAna NNP B-NP B-PER\nmet VBD B-VP O\nBo NNP B-NP I-PER\n. . O O\n\n",
    );
}

#[test]
fn sample_tables() {
    importer(
        "csv",
        "sentence,subject,relation,object\n\"Ana met Bo, twice.\",Ana,meets,Bo\nBo left Ana.,Bo,none,Ana\n",
    );
}

#[test]
fn reviewed_tables() {
    importer(
        "csv",
        "verdict,sentence,subject_mention,relation,object_mention,subject_type,object_type,subject_start,subject_end,\
         object_start,object_end,status\nok,Ana met Bo.,Ana,meets,Bo,PER,PER,0,3,8,10,asserted\nnone,Bo left.,Bo,visits,Bo,PER,PER,0,2,0,2,\n",
    );
}

#[test]
fn label_studio_samples() {
    let label = |id: &str, start: usize, text: &str| {
        serde_json::json!({"id": id, "type": "labels", "value":
            {"start": start, "end": start + text.len(), "text": text, "labels": ["PER"]}})
    };
    let relation = serde_json::json!({"type": "relation", "from_id": "x", "to_id": "y", "direction": "right",
        "labels": ["meets"]});
    let tasks = serde_json::json!([{"id": 1, "data": {"text": "Ana met Bo."},
        "annotations": [{"result": [label("x", 0, "Ana"), label("y", 8, "Bo"), relation]}]}]);
    importer("json", &tasks.to_string());
}

#[test]
fn spert_samples() {
    let sentences = serde_json::json!([{"tokens": ["Ana", "met", "Bo"],
        "entities": [{"type": "PER", "start": 0, "end": 1}, {"type": "PER", "start": 2, "end": 3}],
        "relations": [{"type": "meets", "head": 0, "tail": 1}], "orig_id": 7}]);
    importer("json", &sentences.to_string());
}

#[test]
fn doccano_samples() {
    let of_relations = serde_json::json!({"id": 1, "text": "Ána met Bo.",
        "entities": [{"id": 1, "label": "PER", "start_offset": 0, "end_offset": 3},
            {"id": 2, "label": "PER", "start_offset": 8, "end_offset": 10}],
        "relations": [{"id": 9, "from_id": 1, "to_id": 2, "type": "meets"}]});
    let of_names = serde_json::json!({"text": "Bo left.", "label": [[0, 2, "PER"]]});
    importer("jsonl", &format!("{of_relations}\n{of_names}\n"));
}

#[test]
fn spacy_samples() {
    let of_prodigy = serde_json::json!({"text": "Ána met Bo.", "answer": "accept", "meta": {"source": "x"},
        "tokens": [{"start": 0, "end": 3, "id": 0}, {"start": 4, "end": 7, "id": 1}, {"start": 8, "end": 10, "id": 2}],
        "spans": [{"start": 0, "end": 3, "label": "PER"}, {"start": 8, "end": 10, "label": "PER"}],
        "relations": [{"head": 0, "child": 2, "label": "meets"}]});
    let of_spacy = serde_json::json!(["Bo left.", {"entities": [[0, 2, "PER"]]}]);
    importer("jsonl", &format!("{of_prodigy}\n{of_spacy}\n"));
}

/// A text and what stands in the `.ann` file beside it, damaged alike.
#[test]
fn brat_samples() {
    let pair = "Ána met Bo. Bo left.\u{0}T1\tPER 0 3\tÁna\nT2\tPER 8 10\tBo\nT3\tPER 0 3;8 10\tÁna Bo\n\
                T4\tEvent 4 7\tmet\nE1\tEvent:T4 Agent:T1\nR1\tmeets Arg1:T1 Arg2:T2\nA1\tNegation R1\n\
                *\tEquiv T1 T2\n#1\tAnnotatorNotes T1\tno\n";
    on_damaged(pair.as_bytes(), |bytes| {
        let (text, annotations) = bytes.split_at(bytes.iter().position(|b| *b == 0).unwrap_or(0));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        std::fs::write(&path, text).unwrap();
        std::fs::write(
            path.with_extension("ann"),
            annotations.get(1..).unwrap_or_default(),
        )
        .unwrap();
        if let Ok(read) = samples::read(folder.path(), None) {
            samples_hold(&read.samples);
        }
    });
}

#[test]
fn coreferences() {
    let of_mentions = serde_json::json!({"id": "a", "text": "Ána left. She sang.", "mentions": [
        {"start": 0, "end": 3, "kind": "name", "chain": "1"},
        {"start": 10, "end": 13, "kind": "pronoun", "chain": "1"},
        {"start": 14, "end": 18, "kind": "nominal", "chain": null}]});
    let of_clusters = serde_json::json!({"id": "b", "tokens": ["Ána", "left", "She"], "clusters": [[[0, 1], [2, 3]]]});
    on_damaged(
        format!("{of_mentions}\n{of_clusters}\n").as_bytes(),
        |bytes| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("chains.jsonl");
            std::fs::write(&path, bytes).unwrap();
            for document in samples::read_coreferences(&path).into_iter().flatten() {
                for link in &document.links {
                    let words = document.text.get(link.span.start..link.span.end);
                    assert!(words.is_some_and(|words| !words.is_empty()), "{link:?}");
                }
            }
        },
    );
}

/// What can be read of a table of aliases is what is read of it when it is written again, also with a
/// row more.
#[test]
fn alias_tables() {
    let table = "\u{feff}sep=;\r\nAlias;Canonical name;Type;Note;Country\r\nKaddafi;\"Muammar; Gaddafi\";PER;'=x;LBY\r\n\
                 '-Ana;Ána \"Lee\";PER;;\r\n\r\nU.N.;United Nations;ORG;a,b;\r\n";
    on_damaged(table.as_bytes(), |bytes| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("aliases.csv");
        std::fs::write(&path, bytes).unwrap();
        let Ok(mut aliases) = Aliases::load(&path) else {
            return;
        };
        let rows = |aliases: &Aliases| aliases.rows().cloned().collect::<Vec<Alias>>();
        aliases.save(&path).unwrap();
        assert_eq!(rows(&Aliases::load(&path).unwrap()), rows(&aliases));
        let more = Alias {
            alias: "=Bo; \"Cho\"".into(),
            canonical: "Bo\tCho".into(),
            label: "PER".into(),
            country: "ALB".into(),
        };
        aliases.merge(more).unwrap();
        aliases.save(&path).unwrap();
        assert_eq!(rows(&Aliases::load(&path).unwrap()), rows(&aliases));
    });
}

/// Mentions are in order, disjoint and within the sentence, whatever the scores.
#[test]
fn tag_decoder() {
    check!()
        .with_test_time(time())
        .with_type::<(u8, Vec<i16>)>()
        .for_each(|(types, raw)| {
            let tags = 1 + 2 * usize::from(types % 6);
            let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
            let value = |n: &i16| match n.rem_euclid(50) {
                0..3 => odd[usize::from(n.unsigned_abs()) % 3],
                _ => f32::from(*n) / 100.0,
            };
            let scores = TagScores {
                values: raw
                    .iter()
                    .take(raw.len() / tags * tags)
                    .map(value)
                    .collect(),
                tags,
            };
            let mut next = 0;
            for mention in decode(&scores) {
                assert!(mention.first >= next && mention.last >= mention.first);
                assert!(mention.last < scores.words() && mention.label < tags / 2);
                next = mention.last + 1;
            }
        });
}
