"""A model of hashed features compresses to a small part of its size, and is served all the same."""

import pytest

from local_aws.sagemaker.containers.archives import extract, pack
from newsgroup_classifier.recommender import load_recommender, predict
from newsgroup_classifier.training import train_sklearn


@pytest.mark.slow
def test_hashed_model_of_a_stream_is_packed_unpacked_and_loaded(
    sample_channels, tmp_path, monkeypatch
):
    for name in ("train", "test"):
        monkeypatch.setenv(f"SM_CHANNEL_{name.upper()}", str(sample_channels / name))
    model = tmp_path / "model"
    monkeypatch.setenv("SM_MODEL_DIR", str(model))
    monkeypatch.setenv("SM_OUTPUT_DATA_DIR", str(tmp_path / "data"))
    recipe = ["--recipe", "newsgroups-naive-bayes", "--hash_bits", "20"]
    assert train_sklearn.main([*recipe, "--reading", "stream", "--features", "hashed"]) == 0

    members = {path.relative_to(model).as_posix(): path for path in model.rglob("*")}
    archive = tmp_path / "model.tar.gz"
    pack(members, archive)
    unpacked = sum(path.stat().st_size for path in members.values() if path.is_file())
    assert unpacked > 100 * archive.stat().st_size
    extract(archive, tmp_path / "served", "s3://bucket/model.tar.gz")
    (ranked,) = predict(load_recommender(tmp_path / "served"), ["the engine of a fast car"], top=1)
    assert ranked[0].label in load_recommender(model).classifier.label_names
