create table if not exists payment (
  line bigint generated always as identity,
  id uuid primary key,
  amount numeric(12, 2) not null,
  currency char(3) not null,
  reference varchar(140) not null,
  status varchar(15) not null,
  refunded numeric(12, 2) not null,
  created_at timestamp(3) with time zone not null
);

create table if not exists refund (
  id uuid primary key,
  payment_id uuid not null references payment (id),
  amount numeric(12, 2) not null,
  created_at timestamp(3) with time zone not null
);
