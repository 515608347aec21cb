//! Regenerates the code in memory and compares. To update it: `UPDATE_PROTO=1 cargo test -p
//! gild-proto`.

use std::fs;
use std::path::Path;

use prost::Message;
use prost_types::FileDescriptorSet;

/// The files of the package, relative to the crate.
const FILES: [&str; 4] =
    ["gild/v1/lab.proto", "gild/v1/sweep.proto", "gild/v1/explore.proto", "gild/v1/picture.proto"];

pub(crate) fn descriptors() -> FileDescriptorSet {
    protox::compile(FILES, [env!("CARGO_MANIFEST_DIR")]).expect("the .proto files are valid")
}

/// The file that a generator writes.
fn generated(builder: tonic_prost_build::Builder, descriptors: &FileDescriptorSet) -> Vec<u8> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    builder.out_dir(directory.path()).compile_fds(descriptors.clone()).expect("code is generated");
    fs::read(directory.path().join("gild.v1.rs")).expect("one file per package")
}

/// Messages and clients.
fn client_code(descriptors: &FileDescriptorSet) -> Vec<u8> {
    generated(tonic_prost_build::configure().build_server(false), descriptors)
}

/// Servers over the same messages, except that watch methods answer with encoded events, and methods
/// that answer in parts with encoded fields.
fn server_code(descriptors: &FileDescriptorSet) -> Vec<u8> {
    let encoded = "crate::encoded::WatchResponse";
    let builder = tonic_prost_build::configure()
        .build_client(false)
        .codec_path("crate::codec::SmallCodec")
        .extern_path(".gild.v1", "crate::v1")
        .extern_path(".gild.v1.WatchSweepResponse", encoded)
        .extern_path(".gild.v1.WatchExplorationResponse", encoded);
    let rpcs = descriptors.file.iter().flat_map(|file| &file.service).flat_map(|it| &it.method);
    let in_parts = rpcs.filter(|rpc| rpc.name().ends_with("InParts"));
    let builder = in_parts.fold(builder, |builder, rpc| {
        builder.extern_path(rpc.output_type(), "crate::encoded::Part")
    });
    generated(builder, descriptors)
}

#[test]
fn the_generated_code_is_fresh() {
    let descriptors = descriptors();
    let generated = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/generated");
    let wanted = [
        ("gild.v1.bin", descriptors.encode_to_vec()),
        ("gild.v1.rs", client_code(&descriptors)),
        ("gild.v1.server.rs", server_code(&descriptors)),
    ];
    for (name, bytes) in wanted {
        let path = generated.join(name);
        if std::env::var_os("UPDATE_PROTO").is_some() {
            fs::write(&path, &bytes).expect("the checked-in file can be written");
        }
        let found = fs::read(&path).unwrap_or_default();
        assert!(found == bytes, "{name} is stale: UPDATE_PROTO=1 cargo test -p gild-proto");
    }
}
