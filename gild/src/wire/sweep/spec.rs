//! Request of a sweep, from the wire and back. Both directions and the list of fields come from the
//! rows of [`engine::sweep_fields`]; only the types of fields are converted here. A field that the
//! wire gains breaks the build until it has a row.

use prost::Message as _;
use proto::v1;
use strategies::program::bodies::BodyName;
use strategies::program::era::SwitchInterval;
use strategies::program::limit::LimitError;

use engine::plan::oversubscription::Oversubscription;
use engine::plan::spec::{Order, SweepSpec};
use engine::sys::affinity::Pin;

use crate::limits::SPEC_BYTES_MAX;
use crate::wire::names::{Named, bodies, parse_all};

macro_rules! convert {
    (
        fields { $($(#[$doc:meta])* $field:ident = $wire:ident: $type:ty,)* }
        workload { $($(#[$axis_doc:meta])* $axis:ident: $axis_type:ty,)* }
    ) => {
        fn read(spec: v1::SweepSpec) -> Result<SweepSpec, LimitError> {
            let v1::SweepSpec { $($wire,)* $($axis,)* } = spec;
            Ok(SweepSpec { $($field: Field::read($wire)?,)* $($axis: Field::read($axis)?,)* })
        }

        /// The request as the wire spells it.
        pub fn write(spec: &SweepSpec) -> v1::SweepSpec {
            let SweepSpec { $($field,)* $($axis,)* } = spec;
            v1::SweepSpec { $($wire: $field.write(),)* $($axis: $axis.write(),)* }
        }
    };
}

engine::sweep_fields!(convert);

/// The request that the wire carries. Converts names to types; numbers are checked by
/// [`engine::plan::sweep_plan`]. The error names the first unknown name.
pub fn sweep_spec(spec: Option<v1::SweepSpec>) -> Result<SweepSpec, LimitError> {
    let refused = |value, reason: &str, way_out: &str| {
        let (reason, way_out) = (reason.into(), way_out.into());
        Err(LimitError { field: "spec", value, reason, way_out })
    };
    let Some(spec) = spec else {
        let reason = "says nothing about what to run";
        return refused("nothing".into(), reason, "name at least one strategy");
    };
    let bytes = spec.encoded_len();
    // An unknown name is the better reason.
    let read = read(spec)?;
    if bytes > SPEC_BYTES_MAX {
        let reason = format!("is larger than the limit of {SPEC_BYTES_MAX}");
        let way_out = "name each value once, or split the sweep";
        return refused(format!("a request of {bytes} bytes"), &reason, way_out);
    }
    Ok(read)
}

/// A field of the request and its type `W` on the wire.
trait Field<W>: Sized {
    fn read(wire: W) -> Result<Self, LimitError>;

    fn write(&self) -> W;
}

macro_rules! as_they_are {
    ($($type:ty),*) => {
        $(impl Field<Self> for $type {
            fn read(wire: Self) -> Result<Self, LimitError> {
                Ok(wire)
            }

            fn write(&self) -> Self {
                self.clone()
            }
        })*
    };
}

as_they_are!(Vec<u32>, Vec<u64>, Option<u32>, Option<u64>);

impl<T: Named> Field<Vec<String>> for Vec<T> {
    fn read(wire: Vec<String>) -> Result<Self, LimitError> {
        parse_all(&wire)
    }

    fn write(&self) -> Vec<String> {
        self.iter().map(Named::name).collect()
    }
}

impl Field<Vec<String>> for Vec<BodyName> {
    fn read(wire: Vec<String>) -> Result<Self, LimitError> {
        bodies(&wire)
    }

    fn write(&self) -> Vec<String> {
        self.iter().map(ToString::to_string).collect()
    }
}

impl Field<Vec<u64>> for Vec<SwitchInterval> {
    fn read(wire: Vec<u64>) -> Result<Self, LimitError> {
        Ok(wire.into_iter().map(SwitchInterval::from_picoseconds).collect())
    }

    fn write(&self) -> Vec<u64> {
        self.iter().map(|interval| interval.picoseconds()).collect()
    }
}

/// A value that this version does not know stands for the default.
impl Field<i32> for Order {
    fn read(wire: i32) -> Result<Self, LimitError> {
        Ok(match v1::Order::try_from(wire).unwrap_or_default() {
            v1::Order::Unspecified | v1::Order::Interleaved => Self::Interleaved,
            v1::Order::Blocked => Self::Blocked,
        })
    }

    fn write(&self) -> i32 {
        order(*self).into()
    }
}

/// A value that this version does not know stands for the default.
impl Field<i32> for Pin {
    fn read(wire: i32) -> Result<Self, LimitError> {
        Ok(match v1::Pin::try_from(wire).unwrap_or_default() {
            v1::Pin::Unspecified | v1::Pin::Auto => Self::Auto,
            v1::Pin::None => Self::None,
            v1::Pin::Spread => Self::Spread,
            v1::Pin::Pack => Self::Pack,
        })
    }

    fn write(&self) -> i32 {
        pin(*self).into()
    }
}

impl Field<bool> for Oversubscription {
    fn read(wire: bool) -> Result<Self, LimitError> {
        Ok(if wire { Self::Allowed } else { Self::Refused })
    }

    fn write(&self) -> bool {
        *self == Self::Allowed
    }
}

/// The order of cells as the wire spells it.
pub(crate) fn order(order: Order) -> v1::Order {
    match order {
        Order::Interleaved => v1::Order::Interleaved,
        Order::Blocked => v1::Order::Blocked,
    }
}

/// The rule of pinning as the wire spells it.
pub(crate) fn pin(pin: Pin) -> v1::Pin {
    match pin {
        Pin::Auto => v1::Pin::Auto,
        Pin::None => v1::Pin::None,
        Pin::Spread => v1::Pin::Spread,
        Pin::Pack => v1::Pin::Pack,
    }
}

#[cfg(test)]
#[path = "../tests/sweep_spec.rs"]
mod tests;
