CREATE TABLE "leases" (
	"name" text PRIMARY KEY NOT NULL,
	"holder" text,
	"fence" bigint NOT NULL,
	"until" bigint NOT NULL
);
