//! A run of the tool, as short as it can be, over the functions as `cargo build` makes them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const FUNCTIONS: [&str; 4] = ["submit", "complete", "reconcile", "api"];
const LINES: [&str; 5] = [
    "submit",
    "submit, a drop-in",
    "complete",
    "reconcile",
    "api, a list of 100 videos",
];

#[test]
fn a_short_run_yields_every_figure() {
    let directory = tempfile::tempdir().unwrap();
    let tool = Path::new(env!("CARGO_BIN_EXE_bench"));
    let built = tool.parent().unwrap();
    for name in FUNCTIONS {
        let binary = built.join(name);
        if !binary.exists() {
            // A test of this package alone doesn't build the functions.
            let status = Command::new(env!("CARGO"))
                .args(["build", "--quiet", "--package", name])
                .status();
            assert!(status.unwrap().success());
        }
        fs::create_dir(directory.path().join(name)).unwrap();
        symlink(binary, directory.path().join(name).join("bootstrap")).unwrap();
    }
    let json = directory.path().join("run.json");
    let output = Command::new(tool)
        .args([
            "run",
            "--processes",
            "1",
            "--warm",
            "1",
            "--peers",
            "/nonexistent",
        ])
        .arg("--functions")
        .arg(directory.path())
        .arg("--json")
        .arg(&json)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );

    let run: Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    let functions = run["functions"].as_array().unwrap();
    for name in LINES {
        let function = functions
            .iter()
            .find(|function| function["name"] == name)
            .unwrap();
        for (figure, value) in function.as_object().unwrap() {
            assert!(
                figure == "name" || value.as_f64().unwrap() > 0.0,
                "{name} {figure}: {value}"
            );
        }
    }
    for video in [&run["video"], &run["dropIn"]] {
        assert!(video["writeUnitsTotal"].as_u64().unwrap() > 0, "{video}");
        assert!(video["recordBytes"].as_u64().unwrap() > 0, "{video}");
        assert_eq!(video["awsCalls"]["MEDIACONVERT CreateJob"], 1, "{video}");
    }

    let table = String::from_utf8(output.stdout).unwrap();
    assert!(
        LINES
            .iter()
            .all(|name| table.contains(&format!("| {name} |"))),
        "{table}"
    );
}
