CREATE TABLE `leases` (
	`name` text PRIMARY KEY NOT NULL,
	`holder` text,
	`fence` integer NOT NULL,
	`until` integer NOT NULL
);
