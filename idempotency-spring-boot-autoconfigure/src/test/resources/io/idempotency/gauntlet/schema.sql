create table charge (run varchar(100) not null);
