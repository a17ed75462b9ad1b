import type { Task } from "@daybook/contract";
import { RowGrid, type RowGridProps } from "../../../ui/row-grid.tsx";
import { briefColumns, TaskRow, taskColumns } from "./task-row.tsx";

const WIDTH_PX = 1132;
const BRIEF_WIDTH_PX = 634;

/** The tasks as a grid. */
export function TaskTable(grid: RowGridProps<Task>) {
  const brief = grid.selectedId !== undefined && !grid.narrow;
  const columns = brief ? briefColumns : taskColumns;
  return (
    <RowGrid
      {...grid}
      what="tasks"
      label="Tasks"
      columns={columns}
      widthPx={brief ? BRIEF_WIDTH_PX : WIDTH_PX}
      draw={(task, place) => <TaskRow key={task.id} task={task} columns={columns} {...place} />}
    />
  );
}
