//! All the forms in which an article may come.

use predicates::str::contains;

use crate::support::Workplace;

const BODY: &str =
    "The minister Ana Lee met Bo Cho in Rome on Monday. They talked about café prices in Zürich.";

/// The text that was read from an input of this name and content.
fn text_of(name: &str, content: &[u8]) -> String {
    let place = Workplace::new();
    place.input(name, content);
    place.extract(&[]).success();
    let (_, text) = place.texts().remove(0);
    text
}

#[test]
fn every_format_gives_the_same_article() {
    let place = Workplace::new();
    let json = serde_json::json!({"title": "Talks in Rome", "text": BODY, "date": "2024-05-06"});
    let titled = format!("Talks in Rome\n\n{BODY}\n");
    place.input("2024-05-06-a.txt", &titled);
    place.input(
        "b.md",
        format!("---\ndate: 2024-05-06\n---\n# Talks in *Rome*\n\n{BODY}\n"),
    );
    place.input(
        "c.html",
        format!(
            "<html><head><title>Talks in Rome</title><meta charset='utf-8'>\
             <meta property='article:published_time' content='2024-05-06T08:00:00Z'></head>\
             <body><nav>Home</nav><article><h1>Talks in Rome</h1><p>{BODY}</p></article></body></html>"
        ),
    );
    place.input("d.json", json.to_string());
    place.input("e.jsonl", format!("{json}\n"));
    place.input(
        "f.csv",
        format!("date,title,text\n2024-05-06,Talks in Rome,{BODY}\n"),
    );
    place.input(
        "g.tsv",
        format!("date\ttitle\ttext\n2024-05-06\tTalks in Rome\t{BODY}\n"),
    );
    place.input(
        "2024-05-06-h.txt.zst",
        zstd::encode_all(titled.as_bytes(), 1).unwrap(),
    );
    place.extract(&[]).success();
    let documents = place.table("documents.csv");
    assert_eq!(documents.rows().len(), 8);
    for row in documents.rows() {
        let of = row.get("source_file");
        assert_eq!(row.get("status"), "ok", "{of}");
        assert_eq!(row.get("title"), "Talks in Rome", "{of}");
        assert_eq!(row.get("date"), "2024-05-06", "{of}");
    }
    for (id, text) in place.texts() {
        assert_eq!(text, titled.trim(), "{id}");
    }
}

#[test]
fn other_encodings_are_read() {
    let wide =
        |unit: fn(u16) -> [u8; 2]| -> Vec<u8> { BODY.encode_utf16().flat_map(unit).collect() };
    let windows_1252: Vec<u8> = BODY
        .chars()
        .map(|c| u8::try_from(c as u32).unwrap())
        .collect();
    for (name, bytes) in [
        ("windows-1252", windows_1252),
        ("UTF-16LE", wide(u16::to_le_bytes)),
        ("UTF-16BE", wide(u16::to_be_bytes)),
        (
            "UTF-8 with a mark",
            [b"\xef\xbb\xbf", BODY.as_bytes()].concat(),
        ),
    ] {
        assert_eq!(text_of("a.txt", &bytes), BODY, "{name}");
    }
}

#[test]
fn standard_input_is_read_as_json_lines() {
    let place = Workplace::new();
    let lines = format!("{}\n", serde_json::json!({"id": "n1", "text": BODY}));
    place
        .command(&["-"], &[])
        .write_stdin(lines.repeat(2))
        .assert()
        .success();
    let documents = place.table("documents.csv");
    // The guard's apostrophe keeps a spreadsheet from taking the hyphen for a formula.
    assert_eq!(documents.row("doc_id", "n1").get("source_file"), "'-:1");
    // Ids are unique in a run, even where the source's are not.
    assert_eq!(documents.row("doc_id", "n1~2").get("source_file"), "'-:2");
}

#[test]
fn fields_of_any_name_can_be_named() {
    let place = Workplace::new();
    place.input(
        "wire.csv",
        format!("No;Kopf;Tag;Inhalt\n7;Talks;6 May 2024;{BODY}\n"),
    );
    let named = [
        "--text-field",
        "Inhalt",
        "--title-field",
        "Kopf",
        "--date-field",
        "Tag",
        "--id-field",
        "No",
    ];
    place.extract(&named).success();
    let documents = place.table("documents.csv");
    let row = documents.row("doc_id", "7");
    assert_eq!((row.get("title"), row.get("date")), ("Talks", "2024-05-06"));
    place.extract(&[]).code(3).stderr(contains("--text-field"));
}

#[test]
fn named_fields_that_are_not_there_are_told() {
    let place = Workplace::new();
    place.input("wire.csv", format!("title;text\nTalks;{BODY}\n"));
    place.input(
        "wire.jsonl",
        format!(
            "{}\n{}\n",
            serde_json::json!({"titel": "Talks", "text": BODY}),
            serde_json::json!({"text": BODY}),
        ),
    );
    place.extract(&["--title-field", "titel"]).success();
    let documents = place.table("documents.csv");
    for (id, title, message) in [
        (
            "wire.csv:2",
            "",
            r#"has no field "titel" for the title; it has: title, text"#,
        ),
        ("wire.jsonl:1", "Talks", ""),
        (
            "wire.jsonl:2",
            "",
            r#"has no field "titel" for the title; it has: text"#,
        ),
    ] {
        let row = documents.row("doc_id", id);
        assert_eq!(row.get("status"), "ok", "{id}");
        assert_eq!(row.get("title"), title, "{id}");
        assert_eq!(row.get("message"), message, "{id}");
    }
}

#[test]
fn a_headline_stands_once() {
    for content in [
        format!("Talks in Rome\n\n# Talks in Rome\n\n{BODY}\n"),
        format!("# Talks in Rome\n\n{BODY}\n"),
    ] {
        assert_eq!(
            text_of("a.txt", content.as_bytes()),
            format!("Talks in Rome\n\n{BODY}")
        );
    }
}

#[test]
fn rows_of_another_encoding_far_below_the_beginning_are_read() {
    let sentence = "Le café de la gare est fermé.";
    let filler = "word ".repeat(14_000);
    assert!(filler.len() > 64 << 10);
    let mut table = format!("id,unread,text\r\nlong,{filler},Ana left.\r\nlatin,,").into_bytes();
    table.extend(sentence.chars().map(|c| u8::try_from(c as u32).unwrap()));
    let place = Workplace::new();
    place.input("a.csv", &table);
    place.extract(&[]).success();
    let texts = place.texts();
    let (_, text) = texts.iter().find(|(id, _)| id == "latin").unwrap();
    assert_eq!(text, sentence);
    let documents = place.table("documents.csv");
    let row = documents.row("doc_id", "latin");
    assert!(row.get("source_file").ends_with("a.csv:3"));
}

#[test]
fn odd_file_names_stay_in_one_row() {
    let place = Workplace::new();
    place.input("line\nbreak, \"quoted\".txt", BODY);
    place.extract(&[]).success();
    assert_eq!(place.table("documents.csv").rows().len(), 1);
}

#[test]
fn page_debris_is_left_out_and_told() {
    let article =
        format!("Talks in Rome\n\n{BODY}\n\nShare this:\nFacebook\nTwitter\n\nLeave a Reply\n");
    let place = Workplace::new();
    place.input("a.txt", article);
    place.extract(&[]).success();
    let texts = place.texts();
    assert_eq!(texts[0].1, format!("Talks in Rome\n\n{BODY}"));
    let documents = place.table("documents.csv");
    let row = documents.row("doc_id", "a.txt");
    assert!(
        row.get("message").contains("page debris"),
        "{}",
        row.get("message")
    );
}

/// A sentence may be far longer than what the model sees at once; it is read in overlapping parts.
#[test]
fn no_word_goes_unread() {
    let place = Workplace::new();
    let list = "Ana Lee of Rome and Bo Cho of Oslo, ".repeat(200);
    assert!(list.split_whitespace().count() >= 2000 - 200);
    let long = format!("At the table sat {list}{list}who talked.");
    assert!(long.split_whitespace().count() > 2000);
    place.input("long.txt", format!("{long}\n\n{BODY}\n"));
    place.input("no-spaces.txt", "x".repeat(10_000));
    place.input("missing-space.txt", "The war ended.The troops left.");
    place.input(
        "chinese.txt",
        "外交部发言人在北京发表讲话。双方将于下周会谈。",
    );
    place.extract(&[]).success();
    for row in place.table("documents.csv").rows() {
        assert_eq!(row.number("words_read"), row.number("words"));
    }
    let documents = place.table("documents.csv");
    assert!(documents.row("doc_id", "long.txt").number("words") > 2000);
}

#[test]
fn a_file_that_is_named_twice_is_read_once() {
    let place = Workplace::new();
    let path = place.input("a.txt", BODY);
    place.input("b.txt", BODY);
    let absolute = path.to_str().unwrap();
    place
        .command(&["in", "in/a.txt", "./in/a.txt", absolute], &[])
        .assert()
        .success()
        .stderr(contains("3 times passed over"));
    let ids: Vec<String> = place.texts().into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["a.txt", "b.txt"]);
}

#[test]
fn dates_are_read_or_told() {
    let place = Workplace::new();
    let row = |id: &str, date: &str| format!("{id};{date};{BODY}\n");
    let table = [
        ("id", "date"),
        ("slashes", "13/11/2025"),
        ("american", "11/13/2025"),
        ("short", "13-Nov-25"),
        ("none", ""),
        ("no-day", "31/02/2025"),
        ("two-ways", "03/04/2025"),
    ];
    let mut rows: String = table.iter().map(|(id, date)| row(id, date)).collect();
    rows = rows.replacen(BODY, "text", 1);
    place.input("wire.csv", rows);
    place.input(
        "dateline.txt",
        format!("Talks in Rome\n\nROME, Nov. 13, 2025 (Agency) -- {BODY}\n"),
    );
    place.extract(&[]).success();
    let documents = place.table("documents.csv");
    for (id, date, message) in [
        ("slashes", "2025-11-13", ""),
        ("american", "2025-11-13", ""),
        ("short", "2025-11-13", ""),
        ("none", "", ""),
        ("no-day", "", r#"date not understood: "31/02/2025""#),
        (
            "two-ways",
            "",
            r#"date could begin with the day or with the month: "03/04/2025""#,
        ),
        ("dateline.txt", "2025-11-13", ""),
    ] {
        let row = documents.row("doc_id", id);
        assert_eq!(row.get("status"), "ok", "{id}");
        assert_eq!(row.get("date"), date, "{id}");
        assert_eq!(row.get("message"), message, "{id}");
    }
}

#[test]
fn other_kinds_of_files_are_told() {
    let place = Workplace::new();
    place.input("good.txt", BODY);
    for name in ["a.docx", "b.docx", "c.rtf", "d.eml", "feed.xml"] {
        place.input(name, "<?xml version='1.0'?>");
    }
    place
        .extract(&[])
        .code(3)
        .stderr(contains("a.docx and 1 more: .docx is a word processor's"));
    let documents = place.table("documents.csv");
    for (id, told) in [
        ("b.docx", "a word processor's document"),
        ("c.rtf", "a word processor's document"),
        ("d.eml", "e-mail"),
        ("feed.xml", "XML"),
    ] {
        let row = documents.row("doc_id", id);
        assert_eq!(row.get("status"), "failed", "{id}");
        assert!(row.get("message").contains(told), "{}", row.get("message"));
    }
    // A file that is named itself is no other.
    place
        .command(&["in/good.txt", "in/feed.xml"], &[])
        .assert()
        .code(3)
        .stderr(contains("feed.xml: .xml is XML"));
}

#[test]
fn texts_in_other_languages_are_told_and_read() {
    let place = Workplace::new();
    place.input("english.txt", format!("{BODY} ").repeat(6));
    place.input(
        "albanian.txt",
        "Kryeministri i Shqipërisë deklaroi të hënën se vendi i ndërpreu marrëdhëniet diplomatike \
         me Iranin pas një sulmi kibernetik që kishte goditur institucionet shtetërore gjatë \
         verës. Ai tha se diplomatët duhet të largohen brenda njëzet e katër orëve. Ministria e \
         Jashtme e quajti sulmin të papranueshëm dhe falënderoi aleatët për ndihmën e tyre.",
    );
    place.extract(&[]).success();
    let documents = place.table("documents.csv");
    let albanian = documents.row("doc_id", "albanian.txt");
    assert_eq!(albanian.get("status"), "ok");
    assert_eq!(albanian.get("words_read"), albanian.get("words"));
    assert!(albanian.get("message").contains("not look like English"));
    assert_eq!(documents.row("doc_id", "english.txt").get("message"), "");
}

#[test]
fn markup_in_fields_is_no_text() {
    let place = Workplace::new();
    let html = format!("<SPAN>{BODY}</SPAN><script>let a = 1;</script><style>p {{}}</style>");
    let list =
        serde_json::json!({"articles": [{"id": "a", "body": html}, {"id": "b", "body": BODY}]});
    place.input("list.json", list.to_string());
    place.extract(&[]).success();
    for (id, text) in place.texts() {
        assert_eq!(text, BODY, "{id}");
    }
}
