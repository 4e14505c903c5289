"""One end of a transfer with libtorrent, found by address alone, everything else as it comes.

make TORRENT CONTENT 1|2                 writes a torrent of version 1 or 2 only
seed TORRENT FOLDER PORT RATE            says {"event": "ready"} and stays; RATE in bytes a second, 0: unlimited
leech TORRENT FOLDER PORT HOST:PORT...   downloads from these and leaves
share TORRENT FOLDER PORT HOST:PORT...   the same, and gives to the others until each has what it lacks
"""
import json
import sys
import time

import libtorrent as lt


def make(torrent, content, version):
    storage = lt.file_storage()
    lt.add_files(storage, content)
    flags = {"1": lt.create_torrent.v1_only, "2": lt.create_torrent.v2_only}[version]
    made = lt.create_torrent(storage, 0, flags)
    lt.set_piece_hashes(made, content.rpartition("/")[0])
    with open(torrent, "wb") as file:
        file.write(lt.bencode(made.generate()))


def session(port, rate=0):
    return lt.session(
        {
            "listen_interfaces": f"127.0.0.1:{port}",
            "enable_dht": False,
            "enable_lsd": False,
            "enable_upnp": False,
            "enable_natpmp": False,
            # TCP is faster here: uTP gives way to everybody.
            "enable_outgoing_utp": False,
            "enable_incoming_utp": False,
            "allow_multiple_connections_per_ip": True,
            "upload_rate_limit": rate,
            "alert_mask": lt.alert.category_t.status_notification | lt.alert.category_t.error_notification,
        }
    )


def add(ses, torrent, folder, flags):
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(torrent)
    params.save_path = folder
    params.flags = (params.flags | flags) & ~lt.torrent_flags.auto_managed & ~lt.torrent_flags.paused
    return ses.add_torrent(params)


def wait_for(ses, kinds):
    while True:
        ses.wait_for_alert(1000)
        for alert in ses.pop_alerts():
            if isinstance(alert, kinds):
                return alert
            if isinstance(alert, (lt.torrent_error_alert, lt.listen_failed_alert)):
                sys.exit(str(alert))


def main(command, torrent, folder, *rest):
    if command == "make":
        make(torrent, folder, *rest)
    elif command == "seed":
        ses = session(int(rest[0]), int(rest[1]))
        if int(rest[1]) > 0:
            # Local peers are in a class without limits; here all are in the global one alone, whose limits hold.
            everybody = lt.ip_filter()
            everybody.add_rule("0.0.0.0", "255.255.255.255", 1 << lt.session.global_peer_class_id)
            ses.set_peer_class_filter(everybody)
        add(ses, torrent, folder, lt.torrent_flags.seed_mode)
        print(json.dumps({"event": "ready"}), flush=True)
        while True:
            ses.wait_for_alert(1000)
            ses.pop_alerts()
    else:
        ses = session(int(rest[0]))
        handle = add(ses, torrent, folder, 0)
        for peer in rest[1:]:
            host, _, port = peer.rpartition(":")
            handle.connect_peer((host, int(port)))
        wait_for(ses, lt.torrent_finished_alert)
        handle.flush_cache()
        wait_for(ses, lt.cache_flushed_alert)
        while command == "share" and any(not peer.flags & peer.seed for peer in handle.get_peer_info()):
            time.sleep(0.02)


main(*sys.argv[1:])
