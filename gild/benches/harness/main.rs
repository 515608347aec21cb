//! Cost of the lab's harness, as ratios: `cargo bench -p gild --bench harness`.

fn main() {
    peers::harness::run();
}
