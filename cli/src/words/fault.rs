//! Why a node is not reached.

use weft_protocol::control::Fault;

/// In English.
pub(super) fn english(fault: &Fault) -> String {
    match fault {
        Fault::Other { name } => format!("another node answers there, {name}"),
        Fault::Strange => "what answers there is no node".to_owned(),
        Fault::Closed => {
            "it answered and closed at once: it is full, or does not want this node".to_owned()
        }
        Fault::Stranger { own } => format!(
            "it answered, but it is closed and lets in only nodes that it was told of: its operator lets this one in by 'weft policy allow --peer {own} --reason WHY'"
        ),
        Fault::Shut => "the machine is there, and nobody listens at that port".to_owned(),
        Fault::Silent => "nobody answers".to_owned(),
        Fault::Nameless => "no machine has that name, or no name server answers".to_owned(),
        Fault::NoWay => "no way leads there from here".to_owned(),
        Fault::Barred => "it is blocked here, or there is no room here for more".to_owned(),
        Fault::Itself => "that is this node itself".to_owned(),
    }
}

/// In Spanish.
pub(super) fn spanish(fault: &Fault) -> String {
    match fault {
        Fault::Other { name } => format!("allí contesta otro nodo, {name}"),
        Fault::Strange => "lo que contesta allí no es un nodo".to_owned(),
        Fault::Closed => {
            "contestó y cerró enseguida: está lleno, o no quiere a este nodo".to_owned()
        }
        Fault::Stranger { own } => format!(
            "contestó, pero está cerrado y solo deja entrar a los nodos que se le han nombrado: quien lo opera deja entrar a este con «weft policy allow --peer {own} --reason PORQUÉ»"
        ),
        Fault::Shut => "la máquina está, y nadie escucha en ese puerto".to_owned(),
        Fault::Silent => "nadie contesta".to_owned(),
        Fault::Nameless => {
            "ninguna máquina tiene ese nombre, o no contesta ningún servidor de nombres".to_owned()
        }
        Fault::NoWay => "ningún camino lleva allí desde aquí".to_owned(),
        Fault::Barred => "está bloqueado aquí, o aquí no caben más".to_owned(),
        Fault::Itself => "es este mismo nodo".to_owned(),
    }
}
