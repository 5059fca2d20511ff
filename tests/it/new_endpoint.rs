//! A sub-path added only to the spec works everywhere after `regen`: type, exports
//! of the façade, request, simulator, endpoint table. This is tested in a copy of
//! the workspace.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PATHS: &str = "  /vehicles/{id}/wiper/fluid:
    get:
      operationId: wiper_fluid
      tags: [vehicle]
      summary: Wiper fluid
      description: How much wiper fluid is left.
      x-smartcar-permission: read_diagnostics
      parameters:
        - $ref: '#/components/parameters/VehicleId'
        - $ref: '#/components/parameters/UnitSystem'
      responses:
        '200':
          description: The level.
          headers:
            sc-data-age: {$ref: '#/components/headers/DataAge'}
            sc-fetched-at: {$ref: '#/components/headers/FetchedAt'}
            sc-unit-system: {$ref: '#/components/headers/UnitSystem'}
            sc-request-id: {$ref: '#/components/headers/RequestId'}
          content:
            application/json:
              schema: {$ref: '#/components/schemas/WiperFluid'}
              example: {amountRemaining: 3.5}
        4XX: {$ref: '#/components/responses/Error'}
        default: {$ref: '#/components/responses/Error'}
";

const SCHEMA: &str = "    WiperFluid:
      type: object
      description: How much wiper fluid is left.
      required: [amountRemaining]
      properties:
        amountRemaining:
          type: number
          format: double
          x-unit: {metric: L, imperial: gal}
          description: What is left.
      x-smartcar-v3: {none: version 3 has no signal for this}
";

const PROGRAM: &str = r#"//! Requests the new endpoint from the simulator.
use smartcar_batch::{AccessToken, Client, Odometer, UnitSystem, VehicleId, WiperFluid};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let simulator = smartcar_simulator::Simulator::start().await.unwrap();
    let client = Client::builder()
        .access_token(AccessToken::new(simulator.token()).unwrap())
        .api_origin(simulator.origin())
        .build()
        .unwrap();
    let vehicle = client.vehicle(VehicleId::new("v").unwrap());
    let batch = vehicle.batch::<(Odometer, WiperFluid)>();
    let (odometer, fluid) = batch.send().await.unwrap().data;
    assert!(odometer.unwrap().distance > 0.0);
    assert_eq!(fluid.unwrap().amount_remaining, 3.5);
    let alone = vehicle.get::<WiperFluid>().units(UnitSystem::Imperial);
    let alone = alone.send().await.unwrap().data;
    assert!((alone.amount_remaining - 0.92).abs() < 0.01);
    println!("the new endpoint answers");
}
"#;

#[test]
fn a_sub_path_added_to_the_spec_works_everywhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path();
    for entry in [
        ".cargo",
        "Cargo.lock",
        "Cargo.toml",
        "clippy.toml",
        "crates",
        "spec",
        "tests",
        "xtask",
    ] {
        mirror(&root.join(entry), &copy.join(entry));
    }
    let spec = copy.join(xtask::plan::SPEC);
    let text = fs::read_to_string(&spec).unwrap();
    let text = text.replacen("\ncomponents:\n", &format!("\n{PATHS}\ncomponents:\n"), 1);
    let text = text.replacen("\n  schemas:\n", &format!("\n  schemas:\n{SCHEMA}"), 1);
    xtask::write::replace(&spec, &text).unwrap();
    let regen = xtask::commands::regen::Regen {
        root: Some(copy.to_owned()),
        ..Default::default()
    };
    assert_eq!(xtask::commands::regen::run(&regen).unwrap(), 0);

    let example = copy.join("crates/smartcar-batch/examples/new_endpoint.rs");
    xtask::write::replace(&example, PROGRAM).unwrap();
    // Built in the same place every time: cargo then builds only what changed since
    // the last run, and the target folder keeps one build, not one of each run.
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-endpoint");
    mirror(copy, &place);
    let shown = cargo(
        &place,
        &["run", "-p", "smartcar-batch", "--example", "new_endpoint"],
    );
    assert_eq!(shown.trim(), "the new endpoint answers");
    let table = cargo(&place, &["run", "-p", "smartcar-cli", "--", "endpoints"]);
    assert!(
        table.contains("/wiper/fluid") && table.contains("WiperFluid"),
        "{table}"
    );
}

/// Makes a file or a folder the same as another. Files with the same bytes keep their
/// modification times.
fn mirror(from: &Path, to: &Path) {
    if from.is_file() {
        if fs::read(to).ok() != Some(fs::read(from).unwrap()) {
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(from, to).unwrap();
        }
        return;
    }
    for entry in fs::read_dir(from).unwrap() {
        let name = entry.unwrap().file_name();
        mirror(&from.join(&name), &to.join(&name));
    }
    for entry in fs::read_dir(to).into_iter().flatten() {
        let entry = entry.unwrap();
        if !from.join(entry.file_name()).exists() {
            let path = entry.path();
            let removed = if path.is_dir() {
                fs::remove_dir_all(path)
            } else {
                fs::remove_file(path)
            };
            removed.unwrap();
        }
    }
}

/// Runs cargo in the copy, with the dependencies that this run has already built.
fn cargo(copy: &Path, arguments: &[&str]) -> String {
    let (verb, rest) = arguments.split_first().unwrap();
    let output = Command::new(env!("CARGO"))
        .current_dir(copy)
        .args([*verb, "--quiet", "--offline"])
        .args(rest)
        .env("CARGO_TARGET_DIR", target())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// The target folder that this test was built into.
fn target() -> PathBuf {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tmp.parent().unwrap().to_owned()
}
