//! List of stored explorations.

use proto::v1::Exploration;

use crate::follow::exploration_log::ExplorationView;
use crate::ids;
use crate::render::explore::{header, record};
use crate::render::format::color::Emphasis;
use crate::render::format::enum_names;
use crate::render::format::grid::{Align, Grid};
use crate::render::format::json::Field;
use crate::render::format::quantity::age;
use crate::render::format::value::Value;

/// The explorations as a table; ages are counted from `now_ns`.
pub fn grid(explorations: &[Exploration], now_ns: u64) -> Grid {
    let has_owners = explorations.iter().any(|it| !it.owner.is_empty());
    let mut columns = vec![
        ("ID", Align::Left),
        ("STATE", Align::Left),
        ("AGE", Align::Right),
        ("EXPLORED", Align::Left),
        ("VALUE", Align::Right),
    ];
    columns.extend(has_owners.then_some(("OWNER", Align::Left)));
    let mut grid = Grid::new(columns);
    for exploration in explorations {
        let view = ExplorationView::new(exploration.clone());
        let value = view.spec().value.map_or("all".to_owned(), |value| value.to_string());
        let mut texts = vec![
            ids::short(&exploration.name).to_owned(),
            enum_names::state(exploration.state()).to_owned(),
            age(now_ns, exploration.create_time_ns),
            header::title(&view),
            value,
        ];
        texts.extend(has_owners.then(|| exploration.owner.clone()));
        grid.push(texts, Emphasis::None);
    }
    grid
}

/// An exploration of the list as named fields.
pub fn fields(exploration: &Exploration) -> Vec<Field> {
    let view = ExplorationView::new(exploration.clone());
    let ended = Some(exploration.end_time_ns).filter(|end| *end > 0);
    let verdict = Some(exploration.verdict.as_str()).filter(|verdict| !verdict.is_empty());
    let mut fields = vec![
        ("id", Some(ids::id(&exploration.name).into())),
        ("state", Some(enum_names::state(exploration.state()).into())),
        ("create_time_ns", Some(Value::digits(exploration.create_time_ns))),
        ("end_time_ns", ended.map(Value::digits)),
    ];
    fields.extend(record::question(&view));
    let owner = Some(exploration.owner.as_str()).filter(|owner| !owner.is_empty());
    fields.push(("verdict", verdict.map(Value::from)));
    fields.push(("owner", owner.map(Value::from)));
    fields
}
