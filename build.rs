//! Writes the folder of libtorch into the run path of everything linked here, so that the program
//! and its tests start without LD_LIBRARY_PATH; and lays the graph library of the report, which
//! `scripts/assets` fetches, where the report finds it: empty if it was not fetched.

const GRAPH_LIBRARY: &str = "assets/cytoscape.min.js";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if let Ok(folder) = std::env::var("DEP_TCH_LIBTORCH_LIB") {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{folder}");
    }
    println!("cargo:rerun-if-changed={GRAPH_LIBRARY}");
    let library = std::fs::read(GRAPH_LIBRARY).unwrap_or_default();
    if library.is_empty() {
        println!(
            "cargo:warning={GRAPH_LIBRARY} is not there: reports will draw a plain circle instead of a graph (scripts/assets fetches it)"
        );
    }
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(format!("{out}/cytoscape.min.js"), library).expect("OUT_DIR can be written");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        // MKL asks the executable for this symbol; see src/model/runtime.rs.
        println!("cargo:rustc-link-arg=-Wl,--export-dynamic-symbol=mkl_serv_intel_cpu_true");
    }
}
