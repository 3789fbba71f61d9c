//! Who is in the story: the six alliances of the Inter-Alliance Dialogue, the Dialogue, and a
//! network across the border.

use super::words::Text;

/// A network of the story. Each runs a node of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Actor {
    /// Grassroots Global Justice.
    Ggj,
    /// Jobs with Justice.
    Jwj,
    /// The day labourers' network.
    Ndlon,
    /// The domestic workers' alliance.
    Ndwa,
    /// The PushBack Network, which joins late.
    Pbn,
    /// Right to the City.
    Rttc,
    /// The alliance of these alliances.
    Iad,
    /// The houses across the border. Nobody is called so: it was made up.
    Casas,
}

impl Actor {
    /// All of them.
    pub(super) const ALL: [Self; 8] = [
        Self::Ggj,
        Self::Jwj,
        Self::Ndlon,
        Self::Ndwa,
        Self::Rttc,
        Self::Iad,
        Self::Pbn,
        Self::Casas,
    ];

    /// Those who are there from the beginning, in the order in which their nodes form a ring.
    pub(super) const FIRST: [Self; 6] =
        [Self::Ggj, Self::Jwj, Self::Ndlon, Self::Ndwa, Self::Rttc, Self::Iad];

    /// Returns the region that it lives in.
    pub(super) fn region(self) -> &'static str {
        if self == Self::Casas { "mx" } else { "us" }
    }

    /// Returns the short name that all the homes give it.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Ggj => "ggj",
            Self::Jwj => "jwj",
            Self::Ndlon => "ndlon",
            Self::Ndwa => "ndwa",
            Self::Pbn => "pbn",
            Self::Rttc => "rttc",
            Self::Iad => "iad",
            Self::Casas => "casas",
        }
    }

    /// Returns what it calls itself.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ggj => "Grassroots Global Justice",
            Self::Jwj => "Jobs with Justice",
            Self::Ndlon => "National Day Laborer Organizing Network",
            Self::Ndwa => "National Domestic Workers Alliance",
            Self::Pbn => "PushBack Network",
            Self::Rttc => "Right to the City",
            Self::Iad => "Inter-Alliance Dialogue",
            Self::Casas => "Casas en el Camino",
        }
    }

    /// Returns what it is for, in one sentence of ours.
    pub(super) fn purpose(self) -> Text {
        let (en, es) = match self {
            Self::Ggj => (
                "Grassroots groups here, in step with movements everywhere",
                "Grupos de base de aquí, al paso de los movimientos de todas partes",
            ),
            Self::Jwj => (
                "Working people and their neighbours stand up for each other",
                "Trabajadoras, trabajadores y vecindario dan la cara unos por otros",
            ),
            Self::Ndlon => (
                "Day labourers organise where they wait for work",
                "Jornaleras y jornaleros se organizan donde esperan trabajo",
            ),
            Self::Ndwa => (
                "Nannies, cleaners and carers win the rights of every worker",
                "Niñeras, limpiadoras y cuidadoras ganan los derechos de todo trabajador",
            ),
            Self::Pbn => (
                "Groups of several states build power that lasts",
                "Grupos de varios estados construyen un poder que dura",
            ),
            Self::Rttc => (
                "Whoever lives in the city decides about the city",
                "Quien vive en la ciudad decide sobre la ciudad",
            ),
            Self::Iad => (
                "Six alliances look for what they can only do together",
                "Seis alianzas buscan lo que solo juntas pueden hacer",
            ),
            Self::Casas => {
                ("Open houses for whoever is on the way", "Casas abiertas para quien va de camino")
            }
        };
        Text { en, es }
    }

    /// Returns the movement field that it names first.
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::Ggj => "climate-environment",
            Self::Jwj | Self::Ndwa | Self::Rttc => "economic-justice",
            Self::Ndlon | Self::Casas => "racial-social-justice",
            Self::Pbn => "civic-engagement",
            Self::Iad => "bridging",
        }
    }
}
