//! Reports of sweeps: pages with verdict, table, pictures and how it was measured, in HTML and Markdown.
//! Pure: the same stored sweeps give the same bytes.

pub mod content;
pub mod html;
pub mod illustration;
pub mod markdown;
pub mod measured;
