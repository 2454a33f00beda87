"""Each kind once through the whole product: POST, worker, stored file, delivery."""
