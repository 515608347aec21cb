//! Messages of a real daemon: each text and list is within the bound that the sizes are computed from.

use std::collections::HashMap;

use gild::limits::MESSAGE_BYTES_MAX;
use prost::Message;
use prost::bytes::Buf as _;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use prost_types::field_descriptor_proto::Type;
use proto::v1::exploration_service_client::ExplorationServiceClient;
use proto::v1::lab_service_client::LabServiceClient;
use proto::v1::{
    CreateExplorationRequest, CreateSweepRequest, ExamineMachineRequest, ExplainSweepRequest,
    ExplorationSpec, GetBodyRequest, GetExplorationRequest, GetLabRequest, GetPictureRequest,
    GetSweepRequest, ListStrategiesRequest, ListSweepsRequest, PictureKind, SweepSpec,
    WatchExplorationRequest,
};

use super::bounds::{FIELDS, LISTS, MESSAGES};
use super::descriptors::{Wire, bound, held, is_list};
use crate::daemon::{Daemon, create, watch};

/// Asserts that every text and list of an encoded message is within its bounds.
fn check(wire: &Wire, message: &str, mut encoded: &[u8]) {
    if let Some(most) = bound(MESSAGES, message) {
        assert!(encoded.len() <= most, "{message}: {} bytes", encoded.len());
    }
    let mut lists: HashMap<i32, (usize, usize)> = HashMap::default();
    while !encoded.is_empty() {
        let (number, wire_type) = decode_key(&mut encoded).expect("a key");
        let after_key = encoded;
        let skipped = skip_field(wire_type, number, &mut encoded, DecodeContext::default());
        skipped.expect("a field");
        let number = i32::try_from(number).expect("small");
        let fields = wire.fields(message).iter();
        let field = fields.clone().find(|field| field.number() == number).expect("a field");
        let name = format!("{message}.{}", field.name());
        let mut content = &after_key[..after_key.len() - encoded.len()];
        if wire_type == WireType::LengthDelimited {
            decode_varint(&mut content).expect("a length");
        }
        let texts = if is_list(field) { format!("{name}[]") } else { name };
        match (held(field), field.r#type()) {
            (Some(held), _) => check(wire, &held, content),
            (None, Type::String | Type::Bytes) => {
                let most = bound(FIELDS, &texts).unwrap_or(usize::MAX);
                let (found, text) = (content.remaining(), String::from_utf8_lossy(content));
                assert!(found <= most, "{texts}: {found} bytes, more than {most}: {text}");
            }
            _ => {}
        }
        let list = lists.entry(number).or_default();
        *list = (list.0 + 1, list.1 + content.len());
    }
    for field in wire.fields(message).iter().filter(|field| is_list(field)) {
        let name = format!("{message}.{}", field.name());
        let (items, bytes) = lists.get(&field.number()).copied().unwrap_or_default();
        assert!(items <= bound(FIELDS, &name).unwrap_or(usize::MAX), "{name}: {items} items");
        assert!(bytes <= bound(LISTS, &name).unwrap_or(usize::MAX), "{name}: {bytes} bytes");
    }
}

fn check_message(wire: &Wire, name: &str, message: &impl Message) {
    check(wire, name, &message.encode_to_vec());
}

#[tokio::test]
async fn catalogue_and_lab_are_within_their_bounds() {
    let (wire, daemon) = (Wire::read(), Daemon::start(&[]));
    let mut lab = LabServiceClient::new(daemon.channel().await);
    let catalogue = lab.list_strategies(ListStrategiesRequest {}).await.expect("it answers");
    let catalogue = catalogue.into_inner();
    check_message(&wire, "ListStrategiesResponse", &catalogue);
    for body in catalogue.bodies {
        let eras = catalogue.eras.iter().map(|era| era.era.clone()).collect();
        let request = GetBodyRequest { body: body.body, eras };
        let listed = lab.get_body(request).await.expect("it answers").into_inner();
        check_message(&wire, "GetBodyResponse", &listed);
    }
    let answer = lab.get_lab(GetLabRequest {}).await.expect("it answers").into_inner();
    check_message(&wire, "GetLabResponse", &answer);
    let examined = lab.examine_machine(ExamineMachineRequest {}).await.expect("it answers");
    check_message(&wire, "ExamineMachineResponse", &examined.into_inner());
}

/// Bodies by hand of 31 and more steps, of which every one differs.
fn bodies(count: usize, inside: &str) -> Vec<String> {
    let body = |number: usize| {
        let bits = (0..20).map(|bit| if number >> bit & 1 == 1 { '.' } else { ',' });
        format!("L{}{inside}S", bits.collect::<String>())
    };
    (0..count).map(body).collect()
}

/// The largest plans: as many cells as can be, and as many refused combinations.
#[tokio::test]
async fn largest_plans_are_within_their_bounds() {
    let (wire, daemon) = (Wire::read(), Daemon::start(&[]));
    let mut sweeps = daemon.sweeps().await;
    let cells = SweepSpec {
        strategies: vec!["parking-lot-fair".into()],
        duration_ns: Some(5_000_000_000),
        inside_ns: vec![100_000_000],
        arrivals_per_s: vec![10_000_000],
        steps: bodies(1024, "........."),
        seed: Some(u64::MAX),
        workers: vec![50],
        locks: vec![4096],
        ..SweepSpec::default()
    };
    let refused = SweepSpec {
        strategies: vec!["atomic".into()],
        bodies: vec!["increment".into()],
        steps: bodies(1023, "C......N"),
        ..SweepSpec::default()
    };
    for (spec, wanted) in [(cells, (1024, 0)), (refused, (1, 1023))] {
        let request =
            CreateSweepRequest { spec: Some(spec), validate_only: true, ..Default::default() };
        let planned = sweeps.create_sweep(request).await.expect("planned").into_inner();
        check_message(&wire, "CreateSweepResponse", &planned);
        let sweep = planned.sweep.expect("a sweep");
        assert_eq!((sweep.cells.len(), sweep.skipped.len()), wanted);
        let largest = sweep.skipped.iter().map(Message::encoded_len).max();
        let of_a_cell = wire.largest_item("Sweep", "cells", &[]);
        assert!(largest.unwrap_or(0) + 3 <= of_a_cell, "{largest:?} is more than a cell");
    }
}

/// A small sweep whose request is as large as many that name each value a thousand times.
fn large_request() -> SweepSpec {
    SweepSpec {
        strategies: vec!["parking-lot-fair".into(); 1024],
        steps: vec![bodies(1, ".........").remove(0); 1024],
        tasks: vec![1; 1024],
        attempts: Some(1),
        ..SweepSpec::default()
    }
}

#[tokio::test]
async fn page_of_large_requests_fits_a_message_and_no_sweep_is_left_out() {
    const SWEEPS: usize = 25;
    let daemon = Daemon::start(&[]);
    let mut sweeps = daemon.sweeps().await;
    let mut created = Vec::new();
    for _ in 0..SWEEPS {
        let name = create(&mut sweeps, large_request()).await;
        watch(&mut sweeps, &name, 0).await;
        created.insert(0, name);
    }
    let (mut listed, mut pages, mut page_token) = (Vec::new(), 0, String::new());
    loop {
        let request = ListSweepsRequest { page_size: 1000, page_token, ..Default::default() };
        let page = sweeps.list_sweeps(request).await.expect("it answers").into_inner();
        assert!(page.encoded_len() <= MESSAGE_BYTES_MAX, "{} bytes", page.encoded_len());
        listed.extend(page.sweeps.into_iter().map(|sweep| sweep.name));
        (pages, page_token) = (pages + 1, page.next_page_token);
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!((listed, pages), (created, 2));
}

#[tokio::test]
async fn results_are_within_their_bounds() {
    let (wire, daemon) = (Wire::read(), Daemon::start(&[]));
    let mut sweeps = daemon.sweeps().await;
    let spec = SweepSpec {
        strategies: ["all", "broken"].map(str::to_owned).into(),
        eras: vec!["all".into()],
        tasks: vec![1, 20],
        attempts: Some(40),
        ..SweepSpec::default()
    };
    let name = create(&mut sweeps, spec).await;
    for event in watch(&mut sweeps, &name, 0).await {
        check_message(&wire, "SweepEvent", &event);
    }
    let request = GetSweepRequest { name: name.clone() };
    let answer = sweeps.get_sweep(request).await.expect("it is there").into_inner();
    check_message(&wire, "GetSweepResponse", &answer);
    let mut explorations = ExplorationServiceClient::new(daemon.channel().await);
    let mut lab = LabServiceClient::new(daemon.channel().await);
    for kind in [PictureKind::Rate, PictureKind::Right, PictureKind::Outcomes, PictureKind::Rounds]
    {
        let (names, kind) = (vec![name.clone()], kind.into());
        let request = GetPictureRequest { names, kind, cell: None };
        let drawn = lab.get_picture(request).await.expect("it can be drawn").into_inner();
        check_message(&wire, "GetPictureResponse", &drawn);
    }
    let request = ExplainSweepRequest { name, cell: None };
    let explained = explorations.explain_sweep(request).await.expect("it is there").into_inner();
    check_message(&wire, "ExplainSweepResponse", &explained);
}

#[tokio::test]
async fn exploration_is_within_its_bounds() {
    let (wire, daemon) = (Wire::read(), Daemon::start(&[]));
    let mut explorations = ExplorationServiceClient::new(daemon.channel().await);
    let spec = ExplorationSpec {
        strategy: "unlocked".into(),
        increments: Some(40),
        exact: true,
        scheduler: "switch-q".into(),
        q: "1/3".into(),
        ..ExplorationSpec::default()
    };
    let request = CreateExplorationRequest { spec: Some(spec), ..Default::default() };
    let made = explorations.create_exploration(request).await.expect("planned").into_inner();
    let name = made.exploration.expect("an exploration").name;
    let request = WatchExplorationRequest { name: name.clone(), after_sequence: 0, in_parts: true };
    let mut events = explorations.watch_exploration(request).await.expect("a stream").into_inner();
    while let Some(event) = events.message().await.expect("no error") {
        check_message(&wire, "WatchExplorationResponse", &event);
    }
    let request = GetExplorationRequest { name };
    let found = explorations.get_exploration(request).await.expect("it is there").into_inner();
    check_message(&wire, "GetExplorationResponse", &found);
}
