"""Reading other people's databases: PostgreSQL, MySQL or MariaDB, and SQLite; never writing."""
