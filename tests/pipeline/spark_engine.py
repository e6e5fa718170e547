"""What `execute` needs of an engine, on Spark: the proof that the steps' SQL runs there too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import to_arrow_schema

from kizuna.pipeline.lineage import to_spark


class SparkEngine:
    """Tables by name in a Spark session of one thread: steps are done one by one."""

    threads = 1

    def __init__(self, session: SparkSession) -> None:
        self.session = session
        for name in self.names():
            session.catalog.dropTempView(name)

    def drop(self, name: str) -> None:
        self.session.catalog.dropTempView(name)

    def register(self, name: str, data: pa.Table) -> None:
        self.session.createDataFrame(data).createOrReplaceTempView(name)

    def create(self, name: str, sql: str) -> None:
        frame = self.session.sql(to_spark(sql)).localCheckpoint()
        frame.createOrReplaceTempView(name)

    def query(self, sql: str) -> pa.Table:
        return self.session.sql(to_spark(sql)).toArrow()

    def table(self, name: str, order_by: Sequence[str] = ()) -> pa.Table:
        order = f" ORDER BY {', '.join(order_by)}" if order_by else ""
        return self.query(f"SELECT * FROM {name}{order}")

    def schema(self, name: str) -> pa.Schema:
        return to_arrow_schema(self.session.table(name).schema)

    def count(self, name: str) -> int:
        return int(self.session.table(name).count())

    def names(self) -> frozenset[str]:
        return frozenset(view.viewName for view in self.session.sql("SHOW VIEWS").collect())


def start() -> Any:
    """Start a session that keeps to itself: one thread, no page, UTC."""
    builder = SparkSession.builder.master("local[1]").appName("kizuna")
    for key, value in {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.adaptive.enabled": "false",
        # a few rows are read sooner than a program that reads them is compiled
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.timestampType": "TIMESTAMP_NTZ",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
    }.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session
