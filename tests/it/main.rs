//! The one integration binary: the tree, the rooms, real processes and the whole story.

mod architecture;
mod cli_home;
mod cli_keys;
mod cli_more;
mod cli_node;
mod cluster_bad_input;
mod cluster_crash;
mod cluster_damage;
mod cluster_full_disk;
mod cluster_home;
mod cluster_lan;
mod cluster_line;
mod cluster_member;
mod cluster_relay;
mod cluster_story;
mod cluster_world;
mod demo;
mod hostile_bytes;
mod program;
mod public_data;
mod repository;
mod sim_stories;
mod sim_storm;
mod specification;
mod vectors;
