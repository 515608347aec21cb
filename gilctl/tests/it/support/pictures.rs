//! Invented pictures, one of each kind of axes.

use proto::v1::{
    Picture, PictureAxis, PictureBand, PictureBandPoint, PictureKind, PictureMark, PicturePoint,
    PictureScale, PictureSeries, PictureStyle,
};

fn axis(label: &str, unit: &str, scale: PictureScale) -> PictureAxis {
    let (label, unit) = (label.to_owned(), unit.to_owned());
    PictureAxis { label, unit, scale: scale.into(), ..PictureAxis::default() }
}

fn names(label: &str, names: &[&str]) -> PictureAxis {
    let categories = names.iter().map(ToString::to_string).collect();
    PictureAxis { categories, ..axis(label, "", PictureScale::Category) }
}

fn point(x: f64, y: f64) -> PicturePoint {
    PicturePoint { x, y, count: Some(20), ..PicturePoint::default() }
}

fn with_interval(x: f64, y: f64, low: f64, high: f64) -> PicturePoint {
    PicturePoint { low: Some(low), high: Some(high), ..point(x, y) }
}

fn series(name: &str, style: PictureStyle, points: Vec<PicturePoint>) -> PictureSeries {
    PictureSeries { name: name.to_owned(), style: style.into(), points }
}

fn mark(label: &str, x: Option<f64>, y: Option<f64>) -> PictureMark {
    PictureMark { label: label.to_owned(), x, y }
}

fn picture(kind: PictureKind, title: &str) -> Picture {
    Picture {
        kind: kind.into(),
        title: title.to_owned(),
        description: format!("{title}, in words."),
        ..Picture::default()
    }
}

/// The law with these figures.
fn law(workers: f64) -> f64 {
    9.4e6 * workers / (1.0 + 0.4 * (workers - 1.0) + 0.03 * workers * (workers - 1.0))
}

/// Rates against workers with a fit, a noisy point, and a wrong strategy.
pub(crate) fn rates() -> Picture {
    let fit = |at: u32| PicturePoint {
        count: None,
        ..point(f64::from(at) / 2.0, law(f64::from(at) / 2.0))
    };
    let band = |at: u32| {
        let x = f64::from(at) / 2.0;
        PictureBandPoint { x, low: 0.9 * law(x), high: 1.1 * law(x) }
    };
    let measured = |x: f64| {
        let y = law(x) * (1.0 + 0.02 * (x - 3.0));
        PicturePoint { is_noisy: x > 7.0, ..with_interval(x, y, 0.93 * y, 1.06 * y) }
    };
    let lossy = |x: f64| PicturePoint {
        label: "lost updates".into(),
        ..with_interval(x, 8e6 + x * 1e6, 7.5e6 + x * 1e6, 8.4e6 + x * 1e6)
    };
    let workers = [1.0, 2.0, 4.0, 8.0];
    Picture {
        x: Some(axis("workers", "", PictureScale::Linear)),
        y: Some(axis("increments per second", "1/s", PictureScale::Linear)),
        series: vec![
            series("fair-mutex", PictureStyle::Points, workers.map(measured).into()),
            series("fair-mutex: fitted law", PictureStyle::Line, (2..=16).map(fit).collect()),
            series("unlocked (lost updates)", PictureStyle::Points, workers.map(lossy).into()),
        ],
        bands: vec![PictureBand {
            name: "fair-mutex: fitted law".into(),
            points: (2..=16).map(band).collect(),
        }],
        notes: vec!["fair-mutex: s 0.4 [0.37 to 0.44], k 0.03 [0.02 to 0.04].".into()],
        ..picture(PictureKind::Rate, "Increments per second against workers")
    }
}

/// Shares in rows.
pub(crate) fn right() -> Picture {
    let lost =
        PicturePoint { label: "lost updates".into(), ..with_interval(1.0, 48.0, 38.5, 57.7) };
    Picture {
        x: Some(names("cells", &["fair-mutex", "unlocked (lost updates)", "gil 3.9 5 ms"])),
        y: Some(axis("attempts that lost nothing", "%", PictureScale::Linear)),
        series: vec![series(
            "share that is right",
            PictureStyle::Bars,
            vec![
                with_interval(0.0, 100.0, 96.3, 100.0),
                lost,
                PicturePoint { is_noisy: true, ..with_interval(2.0, 91.0, 83.8, 95.2) },
            ],
        )],
        notes: vec!["Of 100 attempts in each cell; intervals are Wilson's at 95 %.".into()],
        ..picture(PictureKind::Right, "Share that is right")
    }
}

/// Bars over predicted points, and an expected value.
pub(crate) fn outcomes() -> Picture {
    let share = |value: f64| 30.0 * (-(value - 60.0).powi(2) / 300.0).exp();
    let values = (0..40).map(|at| 20.0 + 2.0 * f64::from(at));
    let seen = values.clone().map(|x| with_interval(x, share(x), 0.8 * share(x), 1.3 * share(x)));
    let predicted = values.map(|x| PicturePoint { count: None, ..point(x, 0.9 * share(x)) });
    Picture {
        x: Some(axis("final value of the counter", "", PictureScale::Linear)),
        y: Some(axis("share of attempts", "%", PictureScale::Linear)),
        series: vec![
            series("seen", PictureStyle::Bars, seen.collect()),
            series("predicted", PictureStyle::Points, predicted.collect()),
        ],
        marks: vec![mark("nothing lost", Some(100.0), None)],
        ..picture(PictureKind::Outcomes, "Final values of unlocked (lost updates)")
    }
}

/// Percentiles on two logarithmic axes.
pub(crate) fn waits() -> Picture {
    let percentile = |at: i32| {
        let x = 10_f64.powi(at);
        with_interval(x, 80.0 * x.powf(0.7), 70.0 * x.powf(0.7), 95.0 * x.powf(0.72))
    };
    let spin = |at: i32| point(10_f64.powi(at), 30.0 * 10_f64.powi(at));
    Picture {
        x: Some(axis("one wait in so many is longer", "", PictureScale::Log)),
        y: Some(axis("wait", "ns", PictureScale::Log)),
        series: vec![
            series("fair-mutex", PictureStyle::Line, (0..6).map(percentile).collect()),
            series("ticket-spin", PictureStyle::Line, (0..6).map(spin).collect()),
        ],
        ..picture(PictureKind::Waits, "Waits for the lock")
    }
}

/// Two series in rows.
pub(crate) fn shares() -> Picture {
    let at = |places: [f64; 2]| vec![point(0.0, places[0]), point(1.0, places[1])];
    Picture {
        x: Some(names("cells", &["fair-mutex", "std-mutex"])),
        y: Some(axis("Jain's index", "", PictureScale::Linear)),
        series: vec![
            series("windows of 1 ms", PictureStyle::Points, at([0.98, 0.55])),
            series("whole attempts", PictureStyle::Points, at([1.0, 0.93])),
        ],
        marks: vec![
            mark("all workers alike", None, Some(1.0)),
            mark("one worker does all", None, Some(0.5)),
        ],
        ..picture(PictureKind::Shares, "How evenly the workers shared the work")
    }
}

/// Rounds, some of them noisy.
pub(crate) fn rounds() -> Picture {
    let round = |at: u32| PicturePoint {
        is_noisy: at % 7 == 3,
        ..point(f64::from(at + 1), 9e6 + 2e5 * f64::from(at % 5))
    };
    Picture {
        x: Some(axis("turn", "", PictureScale::Linear)),
        y: Some(axis("increments per second", "1/s", PictureScale::Linear)),
        series: vec![series("fair-mutex", PictureStyle::Steps, (0..20).map(round).collect())],
        ..picture(PictureKind::Rounds, "Rate of each round in the order of turns")
    }
}

/// Ratios with their intervals.
pub(crate) fn ratios() -> Picture {
    Picture {
        x: Some(names(
            "pairs of cells",
            &["fair-mutex 2 workers", "a strategy whose name & <parameters> need a line"],
        )),
        y: Some(axis("ratio to the first sweep", "", PictureScale::Log)),
        series: vec![series(
            "ratio of median rates",
            PictureStyle::Points,
            vec![with_interval(0.0, 1.042, 0.97, 1.12), with_interval(1.0, 0.61, 0.55, 0.66)],
        )],
        marks: vec![mark("the same speed", None, Some(1.0))],
        ..picture(PictureKind::Ratios, "Ratios of increments per second")
    }
}

/// Probabilities of an exploration.
pub(crate) fn explored() -> Picture {
    let value = |at: i32| PicturePoint {
        count: None,
        ..point(f64::from(at), 10_f64.powi(-(at - 12).pow(2) / 4))
    };
    let y = axis("probability", "", PictureScale::Log);
    Picture {
        x: Some(axis("final value of the counter", "", PictureScale::Linear)),
        y: Some(PictureAxis { dropped_zeros: 2, ..y }),
        series: vec![series("probability", PictureStyle::Points, (2..20).map(value).collect())],
        marks: vec![mark("nothing lost", Some(20.0), None)],
        ..picture(PictureKind::Outcomes, "Final values of unlocked")
    }
}

/// Shares of lost updates of eras and bodies: none, a few, noisy, and a cell that is not there.
pub(crate) fn heatmap() -> Picture {
    let none = |x| PicturePoint { high: Some(0.03), low: Some(0.0), ..counted(x, 0.0) };
    let lost = |x, y: f64| PicturePoint {
        low: Some(0.8 * y),
        high: Some(1.3 * y),
        label: "lost updates".into(),
        ..counted(x, y)
    };
    let noisy = PicturePoint { is_noisy: true, ..lost(1.0, 2.4) };
    Picture {
        x: Some(names("body", &["increment", "call", "loop"])),
        y: Some(axis("updates lost", "%", PictureScale::Linear)),
        series: vec![
            series("gil 3.9 5 ms", PictureStyle::Cells, vec![none(0.0), lost(1.0, 4.8)]),
            series("gil 3.12 5 ms", PictureStyle::Cells, vec![lost(0.0, 0.004), noisy, none(2.0)]),
        ],
        notes: vec!["Lost updates of all attempts over their increments.".into()],
        ..picture(PictureKind::Heatmap, "Share of updates that was lost")
    }
}

fn counted(x: f64, y: f64) -> PicturePoint {
    PicturePoint { count: Some(10_000), ..point(x, y) }
}

/// All of them with a name each.
pub(crate) fn all() -> Vec<(&'static str, Picture)> {
    vec![
        ("rate", rates()),
        ("right", right()),
        ("outcomes", outcomes()),
        ("waits", waits()),
        ("shares", shares()),
        ("rounds", rounds()),
        ("ratios", ratios()),
        ("explored", explored()),
        ("heatmap", heatmap()),
    ]
}
