//! A client of the daemon: lists the strategies, creates a small sweep, watches it to its end and
//! prints what it measured.
//!
//! ```sh
//! cargo run -p gild --example client -- unix:///run/user/1000/gild/gild.sock
//! cargo run -p gild --example client -- http://127.0.0.1:7878
//! ```
//!
//! A port asks for a token: `GILCTL_TOKEN` holds it.

use std::error::Error;
use std::process::ExitCode;

use proto::v1::lab_service_client::LabServiceClient;
use proto::v1::sweep_event::Happening;
use proto::v1::sweep_service_client::SweepServiceClient;
use proto::v1::{
    CreateSweepRequest, GetSweepRequest, ListStrategiesRequest, SweepSpec, SweepState,
    WatchSweepRequest,
};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

/// The sweep service behind a function that adds the token to each request.
type Sweeps<F> = SweepServiceClient<InterceptedService<Channel, F>>;

#[tokio::main]
async fn main() -> ExitCode {
    let Some(address) = std::env::args().nth(1) else {
        eprintln!("usage: client unix:///path/of/gild.sock | http://host:port");
        return ExitCode::from(2);
    };
    match run(address).await {
        Ok(SweepState::Succeeded) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(6),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(address: String) -> Result<SweepState, Box<dyn Error>> {
    let channel = Endpoint::from_shared(address)?.connect().await?;
    let token = std::env::var("GILCTL_TOKEN").ok();
    let token = token.map(|token| format!("Bearer {token}").parse::<MetadataValue<Ascii>>());
    let token = token.transpose()?;
    let credentials = move |mut request: Request<()>| {
        if let Some(token) = &token {
            request.metadata_mut().insert("authorization", token.clone());
        }
        Ok(request)
    };

    let mut lab = LabServiceClient::with_interceptor(channel.clone(), credentials.clone());
    let answer = lab.list_strategies(ListStrategiesRequest {}).await?.into_inner();
    for strategy in answer.strategies {
        println!("{}: {}", strategy.strategy, strategy.promise);
    }

    let mut sweeps = SweepServiceClient::with_interceptor(channel, credentials);
    let spec = SweepSpec {
        strategies: vec!["fair-mutex".into(), "atomic".into(), "unlocked".into()],
        tasks: vec![2],
        increments: vec![10_000],
        attempts: Some(20),
        ..SweepSpec::default()
    };
    let request = CreateSweepRequest { spec: Some(spec), ..CreateSweepRequest::default() };
    let created = sweeps.create_sweep(request).await?.into_inner();
    let name = created.sweep.ok_or("the daemon answered without a sweep")?.name;
    println!("created {name}");

    let state = watch(&mut sweeps, &name).await?;
    print_measurements(&mut sweeps, name).await?;
    Ok(state)
}

/// Follows a sweep until it ends. Turns are counted, not printed: there are twenty a cell.
async fn watch<F>(sweeps: &mut Sweeps<F>, name: &str) -> Result<SweepState, Box<dyn Error>>
where
    F: FnMut(Request<()>) -> Result<Request<()>, Status> + Send,
{
    let request = WatchSweepRequest { name: name.into(), after_sequence: 0 };
    let mut events = sweeps.watch_sweep(request).await?.into_inner();
    let mut turns = 0;
    while let Some(answer) = events.message().await? {
        match answer.event.and_then(|event| event.happening) {
            Some(Happening::Turn(_)) => turns += 1,
            Some(Happening::Ended(ended)) => {
                println!("{} after {turns} turns", ended.state().as_str_name());
                return Ok(ended.state());
            }
            // Later versions may have further events: a client passes over what it does not know.
            Some(Happening::Started(_) | Happening::CellEnded(_)) | None => {}
        }
    }
    Err("the stream ended before the sweep".into())
}

async fn print_measurements<F>(sweeps: &mut Sweeps<F>, name: String) -> Result<(), Box<dyn Error>>
where
    F: FnMut(Request<()>) -> Result<Request<()>, Status> + Send,
{
    let kept = sweeps.get_sweep(GetSweepRequest { name }).await?.into_inner();
    let cells = kept.sweep.ok_or("the daemon answered without a sweep")?.cells;
    for (cell, seen) in cells.iter().zip(&kept.measurements) {
        println!(
            "{}: {} of {} right, {:.0} increments/s [{:.0}-{:.0}]",
            cell.strategy,
            seen.correct,
            seen.attempts,
            seen.increments_per_second,
            seen.increments_per_second_low,
            seen.increments_per_second_high
        );
    }
    println!("{}", kept.verdict);
    Ok(())
}
