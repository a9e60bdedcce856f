//! What the fuzzer has found runs through the decoders again.
use _core::decode::fuzz;
use std::path::Path;

fn run(target: &str, entry: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut inputs = 0;
    for file in folder.read_dir().expect("a folder of inputs") {
        let data = std::fs::read(file.unwrap().path()).unwrap();
        entry(&data);
        inputs += 1;
    }
    assert!(inputs > 0, "{} is empty", folder.display());
}

macro_rules! targets {
    ($($target:ident)*) => {
        $(
            #[test]
            fn $target() {
                run(stringify!($target), fuzz::$target);
            }
        )*
    };
}
targets!(bitshuffle_chunk lzf lz4 deflate zstd packbits lzw predictor);
