-- Version 1 of the table. Times are milliseconds since 1970. A row without an outcome is a request in progress. It
-- expires when its lease has ended and the milliseconds in stay have passed, or at steps_end if that is later. A row
-- with steps and an empty owner is kept for a request that continues with these steps.
create table if not exists idempotency_record (
  record_key varchar(64) primary key,
  owner varchar(64) not null,
  fingerprint varchar(64) not null,
  removed_owner varchar(64),
  outcome binary large object,
  steps binary large object,
  steps_end bigint,
  lease_end bigint not null,
  stay bigint not null,
  acquired_at bigint not null,
  expires_at bigint
);

create index if not exists idempotency_record_expires_at on idempotency_record (expires_at);
