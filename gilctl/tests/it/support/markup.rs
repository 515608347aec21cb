//! A checker of markup: HTML that is also well-formed XML.

/// An element with its attributes, and the text up to the next tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) attributes: String,
    pub(crate) text: String,
}

/// The elements of a page in their order.
///
/// # Panics
///
/// Panics where an element does not end, an attribute has no quotes, or `&` or `<` is not escaped.
#[track_caller]
pub(crate) fn tags(page: &str) -> Vec<Tag> {
    let body = page.strip_prefix("<!DOCTYPE html>\n").expect("a doctype");
    let (mut open, mut tags): (Vec<String>, Vec<Tag>) = (Vec::new(), Vec::new());
    for part in body.split('<').skip(1) {
        let (tag, text) = part.split_once('>').expect("each tag ends");
        assert!(are_references(text) && are_references(tag), "unescaped: {part}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "</{name}>");
            continue;
        }
        let is_empty = tag.ends_with('/');
        let tag = tag.trim_end_matches('/');
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(!name.is_empty() && name.chars().all(|it| it.is_ascii_alphanumeric()), "<{tag}>");
        assert!(are_quoted(attributes), "<{tag}>");
        if !is_empty {
            open.push(name.to_owned());
        }
        let [name, attributes, text] = [name, attributes, text].map(str::to_owned);
        tags.push(Tag { name, attributes, text });
    }
    assert!(open.is_empty(), "{open:?} do not end");
    tags
}

/// The texts of a page's elements of this name, with references replaced.
pub(crate) fn texts(page: &str, name: &str) -> Vec<String> {
    tags(page).into_iter().filter(|tag| tag.name == name).map(|tag| plain(&tag.text)).collect()
}

fn plain(text: &str) -> String {
    let known = [("&lt;", "<"), ("&#60;", "<"), ("&gt;", ">"), ("&#62;", ">"), ("&quot;", "\"")];
    let known = known.into_iter().chain([("&#34;", "\""), ("&#39;", "'"), ("&apos;", "'")]);
    let known = known.chain([("&amp;", "&"), ("&#38;", "&")]);
    known.fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Whether each `&` begins a reference that XML knows.
fn are_references(text: &str) -> bool {
    text.split('&').skip(1).all(|rest| {
        let name = rest.split(';').next().unwrap_or_default();
        let is_number =
            |it: &str| it.len() > 1 && it[1..].chars().all(|digit| digit.is_ascii_digit());
        ["lt", "gt", "amp", "quot", "apos"].contains(&name)
            || name.starts_with('#') && is_number(name)
    })
}

/// Whether attributes are names with values in quotes.
fn are_quoted(attributes: &str) -> bool {
    let mut rest = attributes.trim();
    while !rest.is_empty() {
        let Some((name, value)) = rest.split_once("=\"") else { return false };
        let Some((_, after)) = value.split_once('"') else { return false };
        if name.is_empty() || !name.chars().all(|it| it.is_ascii_alphabetic() || "-:".contains(it))
        {
            return false;
        }
        rest = after.trim_start();
    }
    true
}
