//! The makes, and the models of some of them.
//!
//! Invariant: every make that the spec names is known.

use super::vehicle::Powertrain::{self, Bev, Hev, Ice, Phev};
use crate::nearest::hint;
use crate::random;

/// The makes that the service supports, as the API writes them.
const MAKES: [&str; 47] = [
    "ACURA",
    "ALFA_ROMEO",
    "AUDI",
    "BMW",
    "BUICK",
    "CADILLAC",
    "CHEVROLET",
    "CHRYSLER",
    "CITROEN",
    "CUPRA",
    "DACIA",
    "DODGE",
    "DS",
    "FIAT",
    "FORD",
    "GENESIS",
    "GMC",
    "HONDA",
    "HYUNDAI",
    "INFINITI",
    "JAGUAR",
    "JEEP",
    "KIA",
    "LAND_ROVER",
    "LEXUS",
    "LINCOLN",
    "LUCID",
    "MAZDA",
    "MERCEDES_BENZ",
    "MINI",
    "MITSUBISHI",
    "NISSAN",
    "OPEL",
    "PEUGEOT",
    "POLESTAR",
    "PORSCHE",
    "RAM",
    "RENAULT",
    "RIVIAN",
    "SEAT",
    "SKODA",
    "SUBARU",
    "TESLA",
    "TOYOTA",
    "VAUXHALL",
    "VOLKSWAGEN",
    "VOLVO",
];

/// The models of each make by powertrain; the first one is the best known.
const MODELS: [(&str, &[(Powertrain, &str)]); 14] = [
    (
        "AUDI",
        &[(Bev, "Q4 e-tron"), (Phev, "A3 TFSI e"), (Ice, "A4")],
    ),
    ("BMW", &[(Bev, "i4"), (Phev, "330e"), (Ice, "320i")]),
    ("CADILLAC", &[(Bev, "LYRIQ"), (Ice, "XT5")]),
    (
        "CHEVROLET",
        &[(Bev, "Bolt EV"), (Phev, "Volt"), (Ice, "Malibu")],
    ),
    (
        "FORD",
        &[(Bev, "Mustang Mach-E"), (Phev, "Kuga"), (Ice, "Focus")],
    ),
    ("HYUNDAI", &[(Bev, "IONIQ 5")]),
    ("JEEP", &[(Phev, "Wrangler 4xe")]),
    ("KIA", &[(Bev, "EV6"), (Phev, "Niro"), (Ice, "Ceed")]),
    ("LINCOLN", &[(Phev, "Corsair"), (Ice, "Nautilus")]),
    ("MINI", &[(Bev, "Cooper SE"), (Ice, "Cooper")]),
    ("NISSAN", &[(Bev, "LEAF"), (Ice, "Altima")]),
    ("TESLA", &[(Bev, "Model 3")]),
    ("TOYOTA", &[(Hev, "Corolla"), (Phev, "Prius")]),
    ("VOLKSWAGEN", &[(Bev, "ID.4"), (Ice, "Golf")]),
];

/// A make, a powertrain and a model that fit.
pub(super) type Kind = (&'static str, Powertrain, &'static str);

/// The make as the API writes it, or what to say about the nearest one if it is not known.
pub(super) fn read(make: &str) -> Result<&'static str, String> {
    let written = make.to_uppercase().replace([' ', '-'], "_");
    let known = MAKES.into_iter().find(|known| *known == written);
    known.ok_or_else(|| hint(&written, MAKES))
}

/// The models of a make; none for a make without a table of them.
pub(super) fn models(make: &str) -> &'static [(Powertrain, &'static str)] {
    let models = MODELS.iter().find(|(of, _)| *of == make);
    models.map_or(&[], |(_, models)| models)
}

/// The kind that follows from an id, among those that fit.
pub(super) fn kind_of(id: &str, fits: impl Fn(Powertrain) -> bool) -> Option<Kind> {
    let fitting = || {
        let all = MODELS.iter().flat_map(|(make, models)| {
            let models = models.iter();
            models.map(|(powertrain, model)| (*make, *powertrain, *model))
        });
        all.filter(|(_, powertrain, _)| fits(*powertrain))
    };
    let count = fitting().count();
    // Counted first, because this runs for every request for an undeclared vehicle.
    let place = random::number(random::hash(id), 24) % u64::try_from(count.max(1)).unwrap_or(1);
    fitting().nth(usize::try_from(place).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Spec;

    #[test]
    fn every_make_of_the_spec_is_known_and_every_model_has_a_known_make() {
        let operations = Spec::embedded().unwrap().operations.all.iter();
        let operations = operations.filter(|operation| operation.batchable);
        let named = operations.filter_map(|it| it.offer.makes.as_ref());
        let named: Vec<&str> = named.flatten().map(String::as_str).collect();
        assert!(named.len() > 30, "{named:?}");
        let modelled = MODELS.iter().map(|(make, _)| *make);
        for make in named.into_iter().chain(modelled) {
            assert_eq!(read(make), Ok(make));
        }
        assert!(MAKES.is_sorted());
    }

    #[test]
    fn an_unknown_make_is_told_with_the_nearest_one() {
        assert_eq!(read("Land Rover"), Ok("LAND_ROVER"));
        assert_eq!(read("mercedes-benz"), Ok("MERCEDES_BENZ"));
        assert_eq!(read("TESSLA"), Err(", did you mean `TESLA`?".to_owned()));
        assert_eq!(read("BICYCLE"), Err(String::new()));
    }

    #[test]
    fn ids_have_different_makes_and_powertrains() {
        let kinds: std::collections::BTreeSet<_> = (0..200)
            .filter_map(|number| kind_of(&format!("car-{number}"), |_| true))
            .map(|(make, powertrain, _)| (make, powertrain.name()))
            .collect();
        assert!(kinds.len() > 25, "{kinds:?}");
        assert!(kind_of("car-1", |_| false).is_none());
    }
}
