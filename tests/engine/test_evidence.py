"""What speaks against a journal is on the disk before what it was copied from may go."""

from fleetapp.engine.data_folder import DataFolder
from fleetapp.engine.evidence import keep_evidence
from fleetapp.engine.witnesses import Doubt

DOUBT = Doubt("ring", 0, 9, "the emergency ring is gone")


def test_evidence_outlives_a_power_cut(tmp_path, reached_the_disk):
    folder = DataFolder(tmp_path)
    folder.anchor.write_bytes(b"{}")

    assert keep_evidence(folder, "b00t", DOUBT, ())

    assert reached_the_disk == [
        "flush evidence",
        f"flush {tmp_path.name}",
        "flush doubt.json.part",
        "rename doubt.json",
        "flush b00t",
        "flush audit.anchor.part",
        "rename audit.anchor",
        "flush b00t",
    ]


def test_a_link_is_kept_as_a_link_also_where_half_a_copy_was_left(tmp_path):
    folder = DataFolder(tmp_path)
    folder.ring.symlink_to("elsewhere")
    (tmp_path / "elsewhere").write_bytes(b"somebody's")
    left = tmp_path / "evidence" / "b00t" / "ring.part"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")

    assert keep_evidence(folder, "b00t", DOUBT, ())

    assert (left.parent / "ring").is_symlink()
    assert not left.exists()
