-- Whether the provider answered that the call took nothing: a later answer that says no more than that its key is known
-- is not believed then.
ALTER TABLE call ADD COLUMN denied INTEGER NOT NULL DEFAULT 0;
