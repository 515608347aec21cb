//! Schemas of documents: made of the tables in `gilctl/schema`, published in `docs`, and held against
//! what every command prints.

mod check;
mod filled;
mod json;
mod names;
mod page;
mod published;
mod real;
mod table;
