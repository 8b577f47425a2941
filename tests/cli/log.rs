use crate::support::Workplace;

/// With --log json, everything on standard error is a JSON object a line, for programs to read.
#[test]
fn json_lines_tell_what_happens() {
    let place = Workplace::new();
    place.input("a.txt", "Ana Lee met Bo Cho in Rome.");
    place.input("b.pdf", "%PDF-1.4 nothing more");
    let done = place.extract(&["--log", "json"]).code(3);
    let told = String::from_utf8(done.get_output().stderr.clone()).unwrap();
    let events: Vec<serde_json::Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect();
    let event = |message: &str| {
        let found = events.iter().find(|e| e["fields"]["message"] == message);
        &found.unwrap_or_else(|| panic!("no {message:?} in {told}"))["fields"]
    };
    assert_eq!(event("reading 2 inputs")["inputs"], 2);
    let failed = event("input failed");
    assert!(failed["source_file"].as_str().unwrap().ends_with("b.pdf"));
    assert!(failed["reason"].as_str().unwrap().contains("damaged"));
    let finished = event("finished");
    assert_eq!(finished["documents"], 2);
    assert_eq!(finished["failed"], 1);
    assert_eq!(finished["words"], 7);
}

#[test]
fn errors_are_json_lines_too() {
    let place = Workplace::new();
    let done = place
        .command(&["nowhere"], &["--log", "json"])
        .assert()
        .code(2);
    let told = String::from_utf8(done.get_output().stderr.clone()).unwrap();
    let event: serde_json::Value = serde_json::from_str(told.trim()).unwrap();
    assert_eq!(event["level"], "ERROR");
    assert!(
        event["fields"]["message"]
            .as_str()
            .unwrap()
            .contains("nowhere")
    );
}
