//! A laptop that is carried from house to house: each has a name server of its own, and what the last one
//! said is of no use in the next.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use weft_tests::cluster::Cluster;
use weft_tests::lab::{Host, Lab, Stack};
use weft_tests::process::{Process, Progress};

use crate::cluster_world::{SOON, measured, peers, untested};
use crate::reach_line::{LONG, REGION, SERVES, settle};

/// A name server that knows the IPv4 address of one name, and nothing else.
const NAME_SERVER: &str = r#"
import socket, struct, sys
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind((sys.argv[1], 53))
print("ready", flush=True)
while True:
    asked, who = server.recvfrom(512)
    end = asked.index(0, 12) + 5
    kind = struct.unpack(">H", asked[end - 4:end - 2])[0]
    known = asked[12:end - 4] == b"\x06server\x07example\x00" and kind == 1
    record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x05\x00\x04" + socket.inet_aton(sys.argv[2])
    head = asked[:2] + b"\x81\x80\x00\x01" + struct.pack(">H", known) + b"\x00\x00\x00\x00"
    server.sendto(head + asked[12:end] + (record if known else b""), who)
"#;

/// Starts the name server of the house, on the machine that it speaks of.
fn names(host: &Host, folder: &std::path::Path) -> Process {
    std::fs::write(folder.join("names.py"), NAME_SERVER).expect("it can be written");
    let ip = &host.addresses()[0];
    let command: Command = host.at(folder, &format!("exec python3 names.py {ip} {ip}"));
    let mut process = Process::start(command, &Arc::new(Progress::default()));
    assert_eq!(process.next_line(SOON).as_deref(), Some("ready"), "{:?}", process.errors());
    process
}

/// Row R13: who asks for a name asks whoever is to be asked now.
#[test]
fn a_laptop_asks_the_name_server_of_the_house_that_it_is_in() {
    let Some(lab) = Lab::new() else { return untested() };
    let mut cluster = Cluster::default();
    let (server, laptop) = (lab.host("server", Stack::V4), lab.host("laptop", Stack::V4));
    let sandbox = server.sandbox();
    sandbox.init(REGION);
    cluster.add_up(sandbox, SERVES);

    // The house before had a name server that nobody reaches from here.
    laptop.forget_settings();
    laptop.run("echo 'nameserver 192.0.2.53' > /etc/resolv.conf");
    let sandbox = laptop.sandbox();
    sandbox.init(REGION);
    let there = format!("/dns4/server.example/tcp/8471/p2p/{}", cluster[0].ready().node);
    settle(&sandbox, "peers = []", &format!("peers = [\"{there}\"]"));
    cluster.add_up(sandbox, &["--no-mdns", "--listen", "/ip4/0.0.0.0/tcp/8471"]);
    cluster.eventually("it should have tried", LONG, || tried(&cluster));
    assert_eq!(peers(&cluster[1]), 0);

    let folder = tempfile::tempdir().expect("a folder can be made");
    let _names = names(&server, folder.path());
    laptop.run(&format!("echo 'nameserver {}' > /etc/resolv.conf", server.addresses()[0]));
    let told = Instant::now();
    cluster.eventually("it should find the server by its name", LONG, || peers(&cluster[1]) == 1);
    let took: Duration = told.elapsed();
    measured(format_args!("another name server is asked after {:.1} s", took.as_secs_f32()));
}

/// Says whether the laptop has failed to find the server.
fn tried(cluster: &Cluster) -> bool {
    let list = cluster[1].weft(["peers", "list", "--json"]).run();
    list.success().stdout.contains("nameless")
}
