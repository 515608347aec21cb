//! The dashboard and the alerting rules in `gild/dist`: they parse, and every metric and label that
//! they name is one that a daemon serves.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use yaml_rust2::{Yaml, YamlLoader};

use super::metrics::{connected, request};
use super::promql::{OF_MOMENTS, Query, Selector, parse};
use crate::auth::fixtures::LOOPBACK;
use crate::daemon::Daemon;
use crate::http::client::{get, open_daemon};

/// Labels that Prometheus adds to every metric of a scrape.
const OF_TARGETS: [&str; 2] = ["job", "instance"];
/// The metric that Prometheus makes of each scrape.
const OF_PROMETHEUS: &str = "up";
/// Functions of counters; the others of ranges are of gauges.
const OF_COUNTERS: [&str; 2] = ["rate", "increase"];

/// A family of metrics as a daemon serves it.
#[derive(Debug, Default)]
struct Family {
    is_counter: bool,
    labels: BTreeSet<String>,
}

type Families = BTreeMap<String, Family>;

/// The families of a page.
fn families(page: &str) -> Families {
    let mut families = Families::new();
    for line in page.lines() {
        if let Some(("# TYPE", rest)) = line.split_at_checked(6) {
            let (name, kind) = rest.trim().split_once(' ').expect("a name and a type");
            let family = families.entry(name.to_owned()).or_default();
            family.is_counter = kind == "counter";
        } else if let Some((name, labels)) = line.split_once('{') {
            let pairs = labels.split("\",").filter_map(|pair| pair.split_once('='));
            let names = pairs.map(|(label, _)| label.to_owned());
            families.get_mut(name).expect("its type comes first").labels.extend(names);
        }
    }
    families
}

/// The families that a running daemon serves on its port.
fn served() -> Families {
    let answer = get(&open_daemon(), "/metrics");
    assert_eq!(answer.status, 200, "{answer:?}");
    families(&answer.body)
}

fn shipped(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("dist").join(name);
    std::fs::read_to_string(path).expect("it is shipped")
}

/// The expression as Grafana sends it, without its variables of time.
#[track_caller]
fn read(expression: &str) -> Query {
    let query = parse(&expression.replace("$__rate_interval", "5m"));
    query.unwrap_or_else(|error| panic!("{expression}: {error}"))
}

/// Labels of a selected metric, which a daemon must serve.
#[track_caller]
fn labels_of(selector: &Selector, served: &Families) -> BTreeSet<String> {
    let mut labels: BTreeSet<_> = OF_TARGETS.map(ToOwned::to_owned).into();
    if selector.name != OF_PROMETHEUS {
        let family = served.get(&selector.name);
        let family = family.unwrap_or_else(|| panic!("{selector:?} is not among {served:?}"));
        if let Some(function) = &selector.function {
            let of_any = OF_MOMENTS.contains(&function.as_str());
            let of_counters = OF_COUNTERS.contains(&function.as_str());
            assert!(of_any || of_counters == family.is_counter, "{selector:?} of {family:?}");
        }
        labels.extend(family.labels.iter().cloned());
    }
    for label in &selector.labels {
        assert!(labels.contains(label), "{label} of {selector:?} is not among {labels:?}");
    }
    labels
}

/// Checks an expression, and the labels that a text beside it shows in braces.
#[track_caller]
fn check(expression: &str, shown: &[String], served: &Families) {
    let query = read(expression);
    assert!(!query.selectors.is_empty(), "{expression} names no metric");
    let mut labels = BTreeSet::new();
    for selector in &query.selectors {
        labels.extend(labels_of(selector, served));
    }
    if let Some(kept) = &query.kept {
        let kept: BTreeSet<_> = kept.iter().cloned().collect();
        assert!(kept.is_subset(&labels), "{kept:?} of {expression} are not among {labels:?}");
        labels = kept;
    }
    for label in shown {
        assert!(labels.contains(label), "{label} beside {expression} is not among {labels:?}");
    }
}

/// Names in double braces, e.g. of `{{ $labels.instance }}` or of `busy {{instance}}`.
fn in_braces(text: &str) -> Vec<String> {
    let names = text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}"));
    names.map(|(name, _)| name.trim().trim_start_matches("$labels.").to_owned()).collect()
}

fn dashboard() -> Value {
    serde_json::from_str(&shipped("grafana.json")).expect("JSON")
}

fn list<'a>(of: &'a Value, path: &str) -> &'a [Value] {
    of.pointer(path).and_then(Value::as_array).unwrap_or_else(|| panic!("{path} of {of}"))
}

/// The rules of all groups.
fn rules() -> Vec<Yaml> {
    let documents = YamlLoader::load_from_str(&shipped("alerts.yml")).expect("YAML");
    let groups = documents[0]["groups"].as_vec().expect("groups");
    groups.iter().flat_map(|group| group["rules"].as_vec().expect("rules").clone()).collect()
}

#[test]
fn dashboard_names_only_served_metrics_and_labels() {
    let (dashboard, served) = (dashboard(), served());
    for target in list(&dashboard, "/panels").iter().flat_map(|it| list(it, "/targets")) {
        let legend = target["legendFormat"].as_str().expect("a legend");
        check(target["expr"].as_str().expect("an expression"), &in_braces(legend), &served);
    }
    let variables = list(&dashboard, "/templating/list").iter();
    let queries: Vec<_> = variables.filter_map(|it| it["query"]["query"].as_str()).collect();
    assert_eq!(queries.len(), OF_TARGETS.len(), "{queries:?}");
    for query in queries {
        check(query, &[], &served);
    }
}

#[test]
fn alerts_name_only_served_metrics_and_labels_and_say_what_to_do() {
    let (rules, served) = (rules(), served());
    assert!(!rules.is_empty());
    for rule in &rules {
        let text = |of: &Yaml| of.as_str().unwrap_or_else(|| panic!("{rule:?}")).to_owned();
        let annotations = &rule["annotations"];
        let said = text(&annotations["summary"]) + &text(&annotations["description"]);
        check(&text(&rule["expr"]), &in_braces(&said), &served);
        assert!(text(&rule["for"]).ends_with(['m', 'h']), "{rule:?}");
        assert!(["critical", "warning"].contains(&text(&rule["labels"]["severity"]).as_str()));
    }
}

#[test]
fn every_alert_and_family_is_in_the_operations_page() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.md");
    let page = std::fs::read_to_string(page).expect("it is there");
    for rule in rules() {
        let name = rule["alert"].as_str().expect("a name").to_owned();
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
    for name in served().keys() {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn panels_have_title_unit_and_datasource_variable() {
    let dashboard = dashboard();
    let mut titles = BTreeSet::new();
    for panel in list(&dashboard, "/panels") {
        let title = panel["title"].as_str().unwrap_or_default();
        assert!(!title.is_empty() && titles.insert(title), "{panel}");
        let unit = panel["fieldConfig"]["defaults"]["unit"].as_str();
        assert!(unit.is_some_and(|unit| !unit.is_empty()), "{title}");
        for of in list(panel, "/targets").iter().chain([panel]) {
            assert_eq!(of["datasource"]["uid"], "${datasource}", "{title}");
        }
    }
    let is_source = |it: &&Value| it["name"] == "datasource" && it["type"] == "datasource";
    assert_eq!(list(&dashboard, "/templating/list").iter().filter(is_source).count(), 1);
}

#[test]
fn both_addresses_serve_the_same_families() {
    let arguments = [&LOOPBACK[..], &["--insecure-loopback", "--metrics", "0"]].concat();
    let daemon = Daemon::start(&arguments);
    let on_port = families(&get(&daemon, "/metrics").body);
    let line = daemon.wait_for_log(&["metrics are served"]);
    let at = line.find("127.0.0.1:").expect("an address");
    let address = line[at..].split('"').next().expect("split yields one");
    let apart = families(&request(connected(address), "GET /metrics"));
    let names = |families: &Families| families.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&on_port), names(&apart));
}
