//! Whatever a peer sends, a session converges within its bounds or ends with a name.
