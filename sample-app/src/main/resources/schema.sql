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

create table if not exists reservation (
  id uuid primary key,
  amount numeric(12, 2) not null,
  currency char(3) not null,
  reference varchar(140) not null,
  created_at timestamp(3) with time zone not null
);

create table if not exists placed_order (
  line bigint generated always as identity,
  id uuid primary key,
  reservation uuid not null references reservation (id),
  charge uuid not null,
  amount numeric(12, 2) not null,
  currency char(3) not null,
  reference varchar(140) not null,
  created_at timestamp(3) with time zone not null
);

-- The provider's own. It is another service, which this one plays, too, and has nothing to refer to here.
create table if not exists provider_charge (
  line bigint generated always as identity,
  id uuid primary key,
  amount numeric(12, 2) not null,
  currency char(3) not null,
  reference varchar(140) not null,
  created_at timestamp(3) with time zone not null
);
