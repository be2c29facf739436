-- As before, and a name that waits to be looked at, or is hidden, has no place in the public list.
CREATE OR REPLACE FUNCTION signatures_place_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'CONFIRMED' OR NEW.visibility <> 'PUBLIC' OR NEW.name_review <> 'OK' THEN
        NEW.is_listed := false;
        NEW.place := NULL;
    ELSIF TG_OP = 'INSERT' THEN
        NEW.is_listed := false;
        NEW.place := signatures_random_place();
    ELSIF (OLD.state, OLD.visibility, OLD.name_review, OLD.name, OLD.country)
        IS DISTINCT FROM (NEW.state, NEW.visibility, NEW.name_review, NEW.name, NEW.country) THEN
        NEW.is_listed := false;
        NEW.place := signatures_random_place();
    END IF;
    RETURN NEW;
END $$;

-- reverse

CREATE OR REPLACE FUNCTION signatures_place_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'CONFIRMED' OR NEW.visibility <> 'PUBLIC' THEN
        NEW.is_listed := false;
        NEW.place := NULL;
    ELSIF TG_OP = 'INSERT' THEN
        NEW.is_listed := false;
        NEW.place := signatures_random_place();
    ELSIF (OLD.state, OLD.visibility, OLD.name, OLD.country)
        IS DISTINCT FROM (NEW.state, NEW.visibility, NEW.name, NEW.country) THEN
        NEW.is_listed := false;
        NEW.place := signatures_random_place();
    END IF;
    RETURN NEW;
END $$;
