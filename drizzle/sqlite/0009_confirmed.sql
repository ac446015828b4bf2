ALTER TABLE `officers` ADD `confirmed_at` integer;--> statement-breakpoint
ALTER TABLE `officers` ADD `brought_in` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
-- Whoever was an officer before anybody confirmed stays one who counts.
UPDATE `officers` SET `confirmed_at` = `at`;