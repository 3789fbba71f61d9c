//! Why a node will not do what it is asked, in Spanish. The English sentences are those of the reasons
//! themselves.

use weft_protocol::admission::PolicyError;
use weft_protocol::bridge::{HOPS_MAX, RuleError};
use weft_protocol::control::{Breakage, Flaw, Refusal};
use weft_protocol::record::RECORD_BYTES_MAX;

use super::Speech;

impl Speech {
    /// Returns why a node refuses.
    pub(crate) fn refusal(self, refusal: &Refusal) -> String {
        match self {
            Self::English => refusal.to_string(),
            Self::Spanish => spanish(refusal),
        }
    }

    /// Returns what is wrong with bytes that should be records.
    pub(crate) fn flaw(self, flaw: &Flaw) -> String {
        match self {
            Self::English => flaw.to_string(),
            Self::Spanish => spanish_flaw(flaw),
        }
    }

    /// Returns what broke around a node.
    pub(crate) fn breakage(self, broken: &Breakage) -> String {
        match (self, broken) {
            (Self::English, Breakage::NotWritten { system }) => format!(
                "it holds until the node stops, and could not be written down: {}",
                self.system(system)
            ),
            (_, Breakage::Disk { system }) => self.system(system),
            (Self::English, other) => other.to_string(),
            (Self::Spanish, Breakage::Missed { events }) => format!(
                "se perdieron {events} sucesos; léalos más deprisa, o pida la lista de nuevo"
            ),
            (Self::Spanish, Breakage::NotWritten { system }) => format!(
                "vale hasta que el nodo pare, y no se pudo dejar escrito: {}",
                self.system(system)
            ),
            (Self::Spanish, Breakage::Ended) => "la tarea terminó antes de tiempo".to_owned(),
        }
    }
}

fn spanish_flaw(flaw: &Flaw) -> String {
    match flaw {
        Flaw::Sequence { at } => {
            return format!(
                "en el byte {at}: esto no empieza como un registro, o se acaba dentro de uno"
            );
        }
        Flaw::Oversize => {
            return format!(
                "es demasiado largo: un registro tiene {RECORD_BYTES_MAX} bytes como mucho"
            );
        }
        Flaw::Field { field } => {
            return format!("falta «{field}», o esta clase de registro no lo tiene");
        }
        Flaw::Value { field } => return format!("«{field}» se sale de sus límites"),
        Flaw::Encoding => "no está codificado como un registro",
        Flaw::Format => "es de un formato que este programa no conoce",
        Flaw::Life => "vive más de lo que puede uno de su clase, o nada",
        Flaw::Body => "lo que dice no tiene la forma de su clase",
        Flaw::Signature => "la firma no es válida",
        Flaw::Unverified => "el programa falló con ello",
    }
    .to_owned()
}

fn spanish(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Stranger => {
            "esta clave no tiene ninguna función de una red que viva en este nodo; pida una a la red"
        }
        Refusal::Unproven => "diga primero quién es, y demuéstrelo",
        Refusal::Operators => "eso solo puede pedirlo quien opera el nodo, y en el nodo mismo",
        Refusal::NotAccepted => {
            "acepte primero su función; hasta entonces este nodo no toma de usted nada más"
        }
        Refusal::OthersWords => {
            "desde fuera este nodo solo toma lo que su clave firma por una red que vive en él; lo que dicen \
             otras llega de otros nodos, o con «weft import» en el nodo mismo"
        }
        Refusal::Policy(entry) => {
            return format!("la política de este nodo: {}", Speech::Spanish.entry(entry));
        }
        Refusal::Expired => "su tiempo ha pasado",
        Refusal::Surplus => "ya se guardan tantos como él como se puede",
        Refusal::Entry(error) => return entry(error),
        Refusal::TooManyPeers { most } => {
            return format!("ya se mantiene conectado con {most}; olvide alguno");
        }
        Refusal::TooManyRegions { most } => {
            return format!("un nodo está como mucho en {most} regiones; salga antes de alguna");
        }
        Refusal::HomeRegion { region } => {
            return format!(
                "{region} es la sede de este nodo, donde publican sus redes; para mudarla, cambie 'region' en \
                 config.toml y arránquelo de nuevo"
            );
        }
        Refusal::RegionInUse { rule, region } => {
            return format!(
                "la regla «{rule}» del puente necesita {region}; quite antes la regla"
            );
        }
        Refusal::NotInRegion { region } => {
            return format!("este nodo no está en la región {region}");
        }
        Refusal::NoBridgeKey => "este nodo no tiene clave para un puente",
        Refusal::Rule(error) => return rule(error),
        Refusal::RuleInSettings => {
            "la regla está en config.toml; páusela, o quítela de allí y arranque de nuevo"
        }
        Refusal::NotHosted => "la red no vive en este nodo",
        Refusal::OtherHolder => "la función es de otra clave que la del puente",
        Refusal::NoBridgePower => "la función no tiene el poder «bridge»",
        Refusal::RoleEnded => "la función ha terminado",
        Refusal::NotSigned => "el nodo no pudo aceptar la función",
        Refusal::GoesBack { shown } => {
            return format!(
                "el tiempo no puede ir hacia atrás mientras un nodo está en marcha. Queda escrito que es {shown}: \
                 arranque el nodo de nuevo (weft stop, weft up)"
            );
        }
        Refusal::NeedsNode => "aquí no hay ningún nodo en marcha, y esto lo necesita: weft up",
        Refusal::NeedsFiles => "esto necesita los archivos para sí; pare antes el nodo: weft stop",
    }
    .to_owned()
}

fn entry(error: &PolicyError) -> String {
    match error {
        PolicyError::Reason => "hace falta una razón, de 500 bytes como mucho".to_owned(),
        PolicyError::Ended => "terminaría antes de empezar".to_owned(),
        PolicyError::Full => "ya se ha dicho de otros todo lo que cabe".to_owned(),
        PolicyError::Support(kind) => format!(
            "los registros de la clase «{}» hacen falta para juzgar a los demás y no se pueden dejar fuera",
            Speech::Spanish.kind(kind)
        ),
    }
}

fn rule(error: &RuleError) -> String {
    match error {
        RuleError::SameRegion => "una regla lleva de una región a otra, y no a la misma".to_owned(),
        RuleError::Hops => format!("un registro cruza de 1 a {HOPS_MAX} puentes"),
        RuleError::Rate => {
            "ha de permitirse al menos un registro por hora; para pararla, pause la regla"
                .to_owned()
        }
        RuleError::Kind(kind) => format!(
            "los registros de la clase «{}» siguen a lo que se traslada y no se pueden trasladar solos",
            Speech::Spanish.kind(kind)
        ),
        RuleError::Name => "ya hay una regla de ese nombre".to_owned(),
    }
}
